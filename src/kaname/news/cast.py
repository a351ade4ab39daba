"""Who is meant: the actors behind words, pronouns and collectives, carried on from sentence to sentence.

A word stands for an actor by its name, by the country that modifies it ("the Chinese ministry", "officials in
Tokyo"), or by what was said before ("the ministry", "both countries", "it").
"""

from __future__ import annotations

from dataclasses import dataclass

from kaname.news.memory import Codes
from kaname.news.named import Named
from kaname.news.standins import (
    ACROSS,
    BELONGING,
    FRIENDS,
    GROUNDS,
    LAND,
    LED,
    OWN,
    POSSESSIVE,
    RELATIVE,
    SEAT,
    SITTING,
)
from kaname.terms.ontology import BLOCS


@dataclass(frozen=True)
class Scene(Named):
    """A sentence with its names, ready to be asked who is behind a word."""

    def who(self, i: int, *, loose: bool = False) -> Codes:
        """Return the actors behind a noun or pronoun and all that are coordinated with it, sorted.

        `loose`: a thing that belongs to an actor counts as well ("China's export curbs"), as for targets.
        """
        if i in self.cast.asking:  # "its" inside the subject that "its" stands for
            return ()
        self.cast.asking.add(i)
        try:
            found: list[str] = []
            for one in self.listed(i):
                found += [code for code in self._one(one, loose) if code not in found]
            return tuple(sorted(found))
        finally:
            self.cast.asking.discard(i)

    def _one(self, i: int, loose: bool) -> Codes:
        """Return the actors behind one word."""
        word = self.sentence[i]
        low = word.text.casefold()
        if self.code(i):
            return (self.code(i),)
        if low in RELATIVE and word.dep in {"nsubj", "nsubjpass", "dobj", "pobj"}:
            return self._antecedent(i)
        if self.counted(i) != i:
            return self._one(self.counted(i), loose)
        if word.pos == "NUM" and low in {"two", "three"} and self.definite(i):
            return self.cast.three() if low == "three" else self.cast.pair()
        if word.pos == "PRON":
            for other in self.sentence.children(i, "appos"):  # "we, the ministers of X and Y"
                found = self.who(other, loose=True)
                if found:
                    self.cast.speaker = found
                    return found
            return (
                self._done_to(i, low)
                or self._said_by(i, low)
                or self._other(i, low)
                or self._began(i, low)
                or self.cast.meant_by(low)
            )
        if word.tag == "NNS" and self.apposed(i):  # "its two neighbours, X and Y"
            return self.apposed(i)
        if word.tag == "NNPS" and self.cast.hosts and self.is_in(i, "collective") and not self.modifiers(i):
            return self.cast.hosts  # "the Ministers" of a joint statement
        if (self.is_in(i, "collective") or self.are_counted(i)) and self._is_collective(i):
            below = {self.sentence[child].text.casefold() for child in self.sentence.children(i)}
            return (
                self.cast.three()
                if "three" in below
                else self.cast.pair(two=bool(below & {"both", "two", "either", "neither"}))
            )
        if word.pos == "NUM":  # "eleven firms from X, nine from Y"
            return self.modifiers(i, seated=True)
        if self.is_in(i, "agent") or word.pos == "PROPN":
            return self._agent(i)
        return (self.modifiers(i) or self._apposed(i)) if loose else ()

    def _apposed(self, i: int) -> Codes:
        """Return whose a thing is that a name or noun beside it explains: "the manager, a Maltese firm"."""
        beside = self.sentence.children(i, "appos")
        return next(filter(None, (self._one(one, True) for one in beside)), ())

    def _antecedent(self, i: int) -> Codes:
        """Return whom a relative pronoun means: the noun that its clause hangs on."""
        for at in self.sentence.above(i):
            if self.sentence[at].dep == "relcl":
                head = self.sentence[at].head
                found = self.who(self.coordinated(head, at))
                return (
                    found
                    or self.issuer(head)
                    or (self.who(head, loose=True) if self.sentence[i].text.casefold() == "who" else ())
                )
        if self.sentence[i].text.casefold() == "whom":  # hung elsewhere by the parse: the last agents named
            for one in range(i - 1, -1, -1):
                found = self.modifiers(one, seated=True) if self.is_in(one, "agent") else ()
                if found:
                    return found
        return ()

    def issuer(self, noun: int) -> Codes:
        """Return who made a law or plan that is said to do something: "passed a bill that bans exports"."""
        if not self.is_in(noun, "instrument"):
            return ()
        whose = self.modifiers(noun)
        if whose:
            return whose
        for at in self.sentence.above(noun):
            if self.sentence[at].pos in {"VERB", "AUX"}:
                doers = self.sentence.children(at, "nsubj")
                return tuple(sorted({code for one in doers for code in self.who(one)}))
        return ()

    def _began(self, i: int, low: str) -> Codes:
        """Return whom "it" means as a subject behind another clause: "Hanoi pulls away: it will require"."""
        if low != "it" or self.sentence[i].dep not in {"nsubj", "nsubjpass"}:
            return ()
        for one in range(i - 1, -1, -1):
            word = self.sentence[one]
            if word.dep in {"nsubj", "nsubjpass"} and word.pos in {"NOUN", "PROPN"}:
                return self.who(one)
        return ()

    def _done_to(self, i: int, low: str) -> Codes:
        """Return whom "them" means in a clause aside: "expelled two diplomats of X, accusing them"."""
        verb = self.sentence[self.sentence[i].head]
        if low not in {"them", "him", "her"} or self.sentence[i].dep != "dobj" or verb.dep != "advcl":
            return ()
        return tuple(
            sorted({code for one in self.sentence.children(verb.head, "dobj") for code in self.who(one)})
        )

    def _other(self, i: int, low: str) -> Codes:
        """Return whom "it" means where it is done to: who hears of it, else the last one named who is not the
        doer.
        """
        if self.sentence[i].dep not in {"dobj", "pobj", "dative"}:
            return ()
        if low in {"it", "them"}:  # "toolmakers of X learned that Y had stopped deliveries to them"
            doers = self._owner(i)
            heard = tuple(code for code in self._hearing(i) if code not in doers)
            if heard and doers:
                return heard
        if low not in {"it", "him", "her"}:
            return ()
        doers = self._owner(i) or self.cast.focus
        return next(((code,) for code in reversed(self.cast.recent) if code not in doers), ())

    def _hearing(self, i: int) -> Codes:
        """Return who learns, complains or was told of what a word stands in."""
        for at in self.sentence.above(i):
            word = self.sentence[at]
            if word.dep in {"ccomp", "acl", "advcl"}:
                hearers = self.sentence.children(word.head, "nsubj", "nsubjpass")
                codes = {c for one in hearers for c in self.who(one) or self.modifiers(one, seated=True)}
                return tuple(sorted(codes))
        return ()

    def _said_by(self, i: int, low: str) -> Codes:
        """Return whom "it" or "they" means in what somebody says: the one who says it."""
        if low not in {"it", "they", "he", "she"} or self.sentence[i].dep not in {"nsubj", "nsubjpass"}:
            return ()
        return self._speaking(i)

    def _speaking(self, i: int) -> Codes:
        """Return who says what a word stands in: "X denied that his government had accused Y"."""
        for at in self.sentence.above(i):
            head = self.sentence[at].head
            if self.sentence[at].dep in {"acl", "relcl"} and self.sentence[head].lemma in GROUNDS:
                head = self.sentence[head].head
            if self.sentence[at].dep == "ccomp" or head != self.sentence[at].head:
                return tuple(
                    sorted(
                        code
                        for one in self.sentence.children(head, "nsubj")
                        if self.sentence[one].pos != "PRON" and not self.is_its(one)
                        for code in self.who(one)
                    )
                )
        return ()

    def _is_collective(self, i: int) -> bool:
        """Return whether a noun means those just named: "both countries", "the two sides", "the allies"."""
        below = {self.sentence[child].text.casefold() for child in self.sentence.children(i)}
        if below & {"our", "their"} and self.sentence[i].tag == "NNS":
            return True
        if self.modifiers(i):
            return False
        if below & {"both", "two", "three", "either", "neither"}:
            return True
        plural = self.sentence[i].tag in {"NNS", "NNPS"} or self.sentence[i].lemma in {"pair", "duo"}
        return plural and bool(below & {"the", "these", "our", "their"})

    def _agent(self, i: int) -> Codes:
        """Return whose an agent is: by its modifiers, else by what was said of it before."""
        found, word = self._beside(i), self.sentence[i]
        if found:
            if word.pos != "PROPN" or self.is_in(i, "agent"):
                self.cast.learned((word.lemma, self.full(i)), found)
            return found
        if word.text == "Commission" and "commission" not in self.cast.heads and self.bare(i):
            return ("EU",)  # with a capital and of nobody: the European one
        if word.pos == "PROPN" and not self.is_in(i, "agent"):
            return self._by_name(i)
        if word.lemma in LAND and word.tag == "NN" and self.definite(i):
            return self._that_country(i)
        if not self.is_in(i, "office_body"):
            known = self.cast.heads.get(word.lemma) or self.cast.things.get(word.lemma, ())
            return known if self.definite(i) else ()
        return self._office(i)

    def _beside(self, i: int) -> Codes:
        """Return whose an agent is by its modifiers, what explains it, or the other one that it is."""
        word, found = self.sentence[i], self.modifiers(i, seated=True) or self.seat_after(i)
        for other in self.sentence.children(i, "appos"):
            found = found or self.who(other)
        if word.lemma in ACROSS:
            found = found or self._opposite(i)
        if not found and word.dep == "appos":
            found = (self.code(word.head),) if self.code(word.head) else ()
        return found

    def _by_name(self, i: int) -> Codes:
        """Return whose a company or person is by the name: as the text introduces it, or has before."""
        word, found = self.sentence[i], self.introduces(i)
        if found:
            self.cast.learned((word.lemma,), found)
        titled = any(self.is_in(child, "office") for child in self.sentence.children(i, "compound"))
        if titled and word.lemma not in self.cast.heads:
            there = self.seated(i) if self.is_in(word.head, "say") else ()  # "said in Kigali"
            self.cast.learned((word.lemma,), there or self.at_home() or self.cast.last_doer())
        return self.cast.heads.get(word.lemma, ())

    def _office(self, i: int) -> Codes:
        """Return whose an office without a country is: "the trade ministry", "the cabinet"."""
        word = self.sentence[i]
        near = self._office_there(i)
        if near:
            self.cast.learned((word.lemma, self.full(i)), near)
            return near
        known = self.cast.office(word.lemma, self.full(i))
        if known and word.text[:1].isupper():  # "the Fund said in Washington"
            return known
        begun = self.main_subject(i)
        if begun:
            self.cast.learned((word.lemma, self.full(i)), begun)
        return self.seated(i) or begun or known or self.at_home() or self.cast.state or self.cast.last_doer()

    def _office_there(self, i: int) -> Codes:
        """Return whose an office is that acts where a place is: "Jakarta, where the energy ministry has"."""
        verb = self.sentence[i].head
        where = (self.sentence[one].text.casefold() for one in self.sentence.children(verb, "advmod"))
        if self.sentence[verb].dep != "relcl" or "where" not in where:
            return ()
        head = self.sentence[verb].head
        return (self.code(head),) if self.code(head) else ()

    def _that_country(self, i: int) -> Codes:
        """Return which country "the country" is: of what belongs to it the doer, else the last one named that
        is not the doer.
        """
        doers = self._owner(i)
        if self.sentence[i].dep == "poss" and doers:
            return doers
        if self.sentence[i].dep in {"nsubj", "nsubjpass"}:  # "he denied that the country had stopped cargoes"
            own = self._speaking(i) or self.he_who_speaks(i)
            if len(own) == 1 and own[0] not in BLOCS:
                return own
        done = self.sentence[i].dep in {"dobj", "pobj", "dative"}
        if done and not doers:  # "X's embassy denied that exports to the country had been halted"
            doers = self._speaking(i)
        others = [one for one in self.cast.recent if one not in BLOCS and not (done and one in doers)]
        return tuple(others[-1:])

    def _opposite(self, i: int) -> Codes:
        """Return whom "its rival" and "his neighbour" mean: the opponent, else the last one named but the
        owner.
        """
        owners = {
            code
            for child in self.sentence.children(i, "poss")
            if self.sentence[child].tag == "PRP$"
            for code in self._modifier(child)
        }
        if not owners:
            return ()
        if self.sentence[i].lemma in FRIENDS:
            foes = {code for owner in owners for code in self.cast.opponents.get(owner, ())} | owners
            return tuple([code for code in self.cast.recent if code not in foes][-1:])
        rivals = sorted({code for owner in owners for code in self.cast.opponents.get(owner, ())} - owners)
        return tuple(rivals) or tuple([code for code in self.cast.recent if code not in owners][-1:])

    def introduces(self, i: int) -> Codes:
        """Return whose a name is that stands beside what it is: "the Chilean producer X", "X, a German
        maker".
        """
        word = self.sentence[i]
        if word.pos != "PROPN" or self.code(i) or self.is_in(i, "agent"):
            return ()
        beside = [
            one for one in self.sentence.children(i, "compound", "appos", "nmod") if self.is_in(one, "agent")
        ]
        if word.dep == "appos" and self.is_in(word.head, "agent"):
            beside.append(word.head)
        for one in self.sentence.children(i, "amod"):  # "Toronto-based X"
            if self.sentence[one].lemma in LED and self._modifier(one):
                return self._modifier(one)
        first = i
        while first and self.sentence[first - 1].pos == "PROPN":
            first -= 1
        if first and self.sentence[first - 1].pos == "NOUN" and self.is_in(first - 1, "agent"):
            beside.append(first - 1)
        return next(
            filter(None, (self.modifiers(one, seated=True) or self._agent_of(i, one) for one in beside)), ()
        )

    def _agent_of(self, i: int, one: int) -> Codes:
        """Return whose a name is by its own modifiers: "the Chilean [producer] X" where X is the head."""
        return self.modifiers(i) if one in self.sentence.children(i) else ()

    def modifiers(self, i: int, *, seated: bool = False) -> Codes:
        """Return the actors that modify a noun: "Japan's", "Chinese"; failing these "of France", "in
        Tokyo".
        """
        found: list[str] = []
        across = self.sentence[i].lemma in ACROSS
        for child in self.sentence.children(i, *OWN):
            if not (across and self.sentence[child].tag == "PRP$"):  # "her colleagues" are not hers
                found += [code for code in self._modifier(child) if code not in found]
        for child in self.sentence.children(i, "prep"):
            if not found and self.sentence[child].lemma in (SEAT if seated else BELONGING):
                found += self._of(child, self.sentence[child].lemma)
        for verb in self.sentence.children(i, "acl") if seated and not found else ():
            if self.sentence[verb].lemma in SITTING:  # "a fund registered in Shenzhen"
                for child in self.sentence.children(verb, "prep"):
                    found += self._of(child, self.sentence[child].lemma)
        return tuple(dict.fromkeys(found))

    def _modifier(self, child: int) -> Codes:
        """Return the actor of one modifier and of those beside it."""
        codes = [self.code(one) for one in self.sentence.conjuncts(child) if self.code(one)]
        if codes:
            return tuple(codes)
        word = self.sentence[child]
        if word.dep == "poss":
            low = word.text.casefold()
            if low == "whose":
                return self._antecedent(child)
            if low in POSSESSIVE:
                return (
                    self._told_of(child)
                    or self._owner(child)
                    or self._speaking(child)
                    or self.cast.meant_by(POSSESSIVE[low])
                )
            if word.pos != "PRON":
                return self.who(child, loose=True)
        if word.dep in {"compound", "nmod"} and word.pos in {"NOUN", "PROPN"}:
            return self.modifiers(child)
        if word.dep == "amod" and word.lemma in LED:
            return tuple(self.code(one) for one in self.sentence.children(child) if self.code(one))
        return ()

    def _told_of(self, child: int) -> Codes:
        """Return whose a speaker is who stands behind what is said: "X will answer if Y acts, its minister
        said".
        """
        noun = self.sentence[child].head
        if self.sentence[noun].dep != "nsubj":
            return ()
        for told in self.sentence.children(self.sentence[noun].head, "ccomp"):
            doers = self.sentence.children(told, "nsubj", "nsubjpass") if told < noun else ()
            found = tuple(sorted({code for one in doers if one != noun for code in self.who(one)}))
            if found:
                return found
        return ()

    def _owner(self, i: int) -> Codes:
        """Return whom "its" and "their" mean: the subject of the clause they stand in, if it is an actor."""
        for at in self.sentence.above(i):
            if self.sentence[at].pos in {"VERB", "AUX"}:
                doers = [one for one in self.sentence.children(at, "nsubj") if one < i]
                if not doers and self.sentence.children(at, "agent"):  # "was turned down by its parliament"
                    above = self._asked_above(at)
                    return above or tuple(self.cast.recent[-1:])
                return tuple(
                    sorted(
                        {code for one in doers if self.sentence[one].pos != "PRON" for code in self.who(one)}
                    )
                )
        return ()

    def _asked_above(self, at: int) -> Codes:
        """Return of whom the subject of a clause had asked something."""
        doers = {
            code
            for above in (at, *self.sentence.above(at))
            for one in self.sentence.children(above, "nsubj", "nsubjpass")
            for code in self.who(one)
        }
        return tuple(sorted({code for doer in doers for code in self.cast.asked.get(doer, ())}))

    def _of(self, prep: int, how: str) -> Codes:
        """Return the actors behind a preposition; "in Tokyo" counts for the country."""
        codes: list[str] = []
        for noun in self.sentence.children(prep, "pobj"):
            for one in self.listed(noun):
                if self.code(one):
                    codes.append(self.code(one))
                elif how in BELONGING | {"for"} and (
                    self.is_in(one, "agent") or self.is_in(one, "collective") or self.is_in(one, "office")
                ):
                    codes += self._one(one, False)
                elif how == "of":  # "the ministers of defence of Estonia and Latvia"
                    codes += self.modifiers(one)
        return tuple(codes)
