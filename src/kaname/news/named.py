"""What the words of a sentence say by themselves: names, classes of words, lists, where something happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaname.news.memory import Cast, Codes
from kaname.news.sentence import Sentence
from kaname.news.standins import LIST, PLACES, QUANTITY


@dataclass(frozen=True)
class Named:
    """A sentence with its names."""

    sentence: Sentence
    names: Mapping[int, str]
    cast: Cast

    def code(self, i: int) -> str:
        """Return the actor that a word names, or nothing."""
        code = self.names.get(i, "").split(":")[-1]
        if i > 1 and self.sentence[i - 1].text == "-" and self.sentence[i - 2].text.casefold() == "non":
            return ""  # "non-OECD countries"
        return "" if code == "-" else code

    def kind(self, i: int) -> str:
        """Return the kind of name that a word belongs to, or nothing."""
        return self.names.get(i, "").split(":")[0]

    def acts(self, i: int) -> bool:
        """Return whether a word names an actor, not the place where something happens: "in Geneva"."""
        above = self.sentence[self.sentence[i].head]
        there = above.dep == "prep" and above.lemma in {"in", "at", "near", "off", "outside"}
        return bool(self.code(i)) and not (there and self.kind(i) in PLACES | {"capital"})

    def is_in(self, i: int, name: str) -> bool:
        """Return whether a word is of a class, by its dictionary form or as it is written."""
        words = self.cast.lexicon.classes.get(name, frozenset())
        word = self.sentence[i]
        low = word.text.casefold()
        if name == "agent" and word.pos == "NOUN" and word.lemma.endswith("maker"):  # toolmaker, chipmaker
            return True
        return word.lemma in words or low in words or (word.pos == "PROPN" and low.removesuffix("s") in words)

    def listed(self, i: int) -> tuple[int, ...]:
        """Return a word and those listed with it; a list of names counts as one whatever the parse."""
        found = set(self.sentence.conjuncts(i))
        for one in self.sentence.children(i, "appos"):  # "eleven firms from X, nine from Y and three from Z"
            if self.sentence[one].pos == "NUM" or self.sentence[one].lemma == "one":
                found |= set(self.sentence.conjuncts(one))
        beside: set[int] = set()
        if self.code(i) and self.kind(i) in {"country", "bloc", "capital", "company"}:
            for step in (1, -1):
                at, last = i, i
                while 0 <= at + step < len(self.sentence):
                    at += step
                    owns = bool(self.sentence.children(at, "case"))  # "Burundi, Kinshasa's ally"
                    if self.code(at) and self.kind(at) in {"country", "bloc", "capital"} and not owns:
                        if abs(at - last) > 1 or self.names[at] != self.names[last]:
                            beside.add(at)
                        last = at
                    elif self.sentence[at].text.casefold() not in LIST or abs(at - last) > 3:
                        break
        between = range(min({i, *beside}), max({i, *beside}))
        joined = any(self.sentence[one].text.casefold() in {"and", "&", "plus", "well"} for one in between)
        if joined or len(beside) > 1:  # not "under a draft discussed in Luxembourg, the EU plans"
            found |= beside
        return tuple(sorted(found))

    def counted(self, i: int) -> int:
        """Return the noun that a word of quantity counts, else the word itself."""
        if self.sentence[i].lemma in QUANTITY or self.sentence[i].pos == "NUM":
            for prep in self.sentence.children(i, "prep"):
                if self.sentence[prep].lemma == "of":
                    return next(iter(self.sentence.children(prep, "pobj")), i)
        return i

    def is_its(self, i: int) -> bool:
        """Return whether a noun is only known by a pronoun: "it will need permits, its ministry said"."""
        return any(self.sentence[one].tag == "PRP$" for one in self.sentence.children(i, "poss"))

    def seat_after(self, i: int) -> Codes:
        """Return the capital right behind an office, wherever the parse hangs it: "a permit from the
        ministry in Tokyo".
        """
        if (
            i + 1 >= len(self.sentence)
            or self.sentence[i + 1].lemma != "in"
            or not self.is_in(i, "office_body")
        ):
            return ()
        named = self.sentence.children(i + 1, "pobj")
        return tuple(self.code(one) for one in named if self.kind(one) == "capital")

    def are_counted(self, i: int) -> bool:
        """Return whether agents are those named before, by number: "the three navies", "both armies"."""
        below = {self.sentence[child].text.casefold() for child in self.sentence.children(i)}
        told = bool(below & {"two", "three"} and below & {"the", "their"}) or "both" in below
        return told and self.sentence[i].tag == "NNS" and self.is_in(i, "agent")

    def apposed(self, i: int) -> Codes:
        """Return the actors by whose names a noun is explained: "its two neighbours, X and Y"."""
        beside = (
            two for one in self.sentence.children(i, "appos") if self.code(one) for two in self.listed(one)
        )
        return tuple(sorted({self.code(one) for one in beside if self.code(one)}))

    def he_who_speaks(self, i: int) -> Codes:
        """Return who "he" or "she" is who says what a word stands in."""
        for at in self.sentence.above(i):
            if self.sentence[at].dep in {"ccomp", "acl", "relcl"}:
                doers = [
                    one
                    for above in self.sentence.above(at)
                    for one in self.sentence.children(above, "nsubj")
                    if self.sentence[one].text.casefold() in {"he", "she"}
                ]
                return self.cast.meant_by("he") if doers else ()
        return ()

    def definite(self, i: int) -> bool:
        """Return whether a noun is one that was spoken of: "the company", "that firm"."""
        below = {self.sentence[child].text.casefold() for child in self.sentence.children(i, "det", "poss")}
        return bool(below & {"the", "that", "this", "those", "these"})

    def seated(self, i: int) -> Codes:
        """Return the country of the capital that a sentence names as the place of its verb: "In Manila"."""
        for at in self.sentence.above(i):
            if self.sentence[at].pos in {"VERB", "AUX"}:
                for prep in self.sentence.children(at, "prep"):
                    if self.sentence[prep].lemma == "in":
                        for noun in self.sentence.children(prep, "pobj"):
                            if self.kind(noun) == "capital":
                                return (self.code(noun),)
                return ()
        return ()

    def main_subject(self, i: int) -> Codes:
        """Return the country that the sentence began with: "Berlin followed, when the ministry forbade"."""
        for at in self.sentence.above(i):
            if self.sentence[at].head == at and self.sentence[at].pos in {"VERB", "AUX"}:
                told = self.sentence.children(at, "ccomp")  # "X set a quota, the ministry said"
                for one in (two for verb in (at, *told) for two in self.sentence.children(verb, "nsubj")):
                    if self.kind(one) in {"country", "capital"} and one < i:
                        return (self.code(one),)
        return ()

    def bare(self, i: int) -> bool:
        """Return whether nothing but "the" stands before a noun and nothing hangs on it: no other body."""
        return (
            i > 0 and self.sentence[i - 1].text.casefold() == "the" and not self.sentence.children(i, "prep")
        )

    def full(self, i: int) -> str:
        """Return a noun with the words that tell what it is of: "trade ministry", "ministry of mines"."""
        words = [
            self.sentence[one].lemma
            for one in self.sentence.children(i, "compound", "amod", "nmod")
            if not self.code(one)
        ]
        for prep in self.sentence.children(i, "prep"):
            if self.sentence[prep].lemma == "of":
                words += [
                    self.sentence[one].lemma
                    for one in self.sentence.children(prep, "pobj")
                    if not self.code(one)
                ]
        return " ".join((*words, self.sentence[i].lemma))

    def alone_at_home(self) -> Codes:
        """Return the country of the dateline where a sentence names nobody and nobody else acted before."""
        home = tuple(filter(None, (self.cast.home,)))
        named = any(self.acts(word.i) for word in self.sentence.words)
        return () if named or self.cast.focus not in {(), home} else home

    def at_home(self) -> Codes:
        """Return the country of the dateline where a sentence does not name it: a "Defence Minister" is its
        own.
        """
        home, words = self.cast.home, range(len(self.sentence))
        named = {self.code(one) for one in words if self.acts(one)}
        elsewhere = self.cast.focus and home not in self.cast.recent  # a desk that writes of other countries
        return (home,) if home and home not in named and not elsewhere else ()

    def coordinated(self, head: int, verb: int) -> int:
        """Return the first of "X and Y, who agreed": the clause hangs on Y, a joint act means both."""
        word = self.sentence[head]
        if word.dep == "conj" and self.sentence[verb].lemma in self.cast.lexicon.classes["joint_act"]:
            return word.head
        return head
