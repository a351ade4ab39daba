"""Did it happen? The status of a trigger from the words above and around it (`docs/events-codebook.md`)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from kaname.news.sentence import Sentence
from kaname.news.standins import GROUNDS
from kaname.news.turns import by_turn, is_provided

_MAYBE = frozenset({"may", "might", "could", "can"})
_LATER = frozenset({"will", "shall", "wo", "'ll", "\u2019ll"})
_NEVER = frozenset({"not", "n't", "n\u2019t", "never", "neither", "nor"})
_FORESEEN = frozenset({"plan", "schedule", "slate", "expect", "foresee", "envisage", "pencil"})
"""Verbs in the passive of what is to come: "a second round of talks is planned for 20 April"."""
_BEGIN = frozenset({"start", "begin", "take", "come", "enter", "apply", "hold", "follow"})
_SUPPOSE = frozenset({"were", "had", "should", "supposing", "suppose", "imagine", "assuming"})
_NO_POINT = frozenset(
    {"point", "way", "circumstance", "account", "case", "condition", "time", "stage", "sense"}
)
_UNTRUE = frozenset(
    {"untrue", "false", "wrong", "baseless", "unfounded", "incorrect", "inaccurate", "groundless"}
)
_SOMETHING = frozenset({"something", "anything", "thing", "step", "measure"})
"""What is said not to be what somebody did: "that was not something X had asked for"."""
_IF = frozenset({"if", "unless", "should", "provided", "lest"})


class StatusRules:
    """Reads the status of an act; the words it knows are classes of the table of words."""

    def __init__(self, classes: Mapping[str, frozenset[str]]) -> None:
        """Take the classes of verbs and nouns that put an act off, into doubt, or deny it."""
        self._plan = classes["plan"]
        self._doubt = classes["doubt"]
        self._deny = classes["deny"]
        self._want = classes["want"]
        self._possible = classes["possible"]

    def of(self, sentence: Sentence, i: int) -> str:
        """Return the status of a verb or noun, by itself and by what stands above it."""
        if self._negated(sentence, i):
            return "negated"
        own = self._by_words(sentence, i)
        if own:
            return own
        own = self._own(sentence, i)
        if own != "actual":
            return own
        return self._from_above(sentence, i)

    def _by_words(self, sentence: Sentence, i: int) -> str:
        """Return the status that a turn of phrase in front of an act gives, or nothing."""
        before = " ".join(word.text for word in sentence.words[:i])
        after = " ".join(word.text for word in sentence.words[i:])
        turned = by_turn(before, after)
        if turned:
            return turned
        later = {sentence[one].text.casefold() for one in sentence.children(i, "aux")} & _LATER
        if later and is_provided(after):
            return "conditional"
        return "negated" if self._no_such(sentence, i) else ""

    def _no_such(self, sentence: Sentence, i: int) -> bool:
        """Return whether somebody else did it, or a story of it is denied: "it was not X that rammed", "the
        story that X had cut off Y, denied within the hour".
        """
        at = i if sentence[i].dep in {"relcl", "acl", "ccomp"} else next(iter(sentence.above(i)), i)
        head = sentence[at].head
        if sentence[at].dep not in {"relcl", "acl", "ccomp"}:
            return False
        be = sentence[sentence[head].head]
        cleft = be.lemma == "be" and any(
            sentence[one].text.casefold() == "it" for one in sentence.children(be.i, "nsubj", "expl")
        )
        thing = sentence[head].lemma in _SOMETHING and sentence[head].dep == "attr"
        if (cleft or thing) and self._negated_aux(sentence, be.i) and sentence[at].dep == "relcl":
            return True
        denied = {sentence[one].lemma for one in sentence.children(head, "acl", "amod", "appos")} - {
            sentence[at].lemma
        }
        return sentence[head].lemma in GROUNDS and bool(denied & self._deny)

    def _negated(self, sentence: Sentence, i: int) -> bool:
        """Return whether an act is said not to have happened."""
        word = sentence[i]
        near = {
            sentence[one].text.casefold()
            for one in sentence.children(i, "neg", "advmod", "preconj", "cc")
            if not self._of_another(sentence, one, i) and not self._not_till_now(sentence, one)
        }
        if near & _NEVER or self._at_no_point(sentence, i):
            return True
        for noun in (i, *sentence.children(i, "dobj", "nsubjpass", "attr")):
            if {sentence[one].text.casefold() for one in sentence.children(noun, "det", "neg")} & {
                "no",
                "neither",
            }:
                return True
        if self._nobody(sentence, i) or self._instead(sentence, i):
            return True
        alone = word.dep == "conj" and not sentence.children(i, "nsubj", "nsubjpass", "aux", "auxpass")
        if alone and sentence[word.head].pos == "VERB" and word.tag == sentence[word.head].tag:
            ors = {sentence[one].text.casefold() for one in sentence.children(word.head, "cc")}
            ors |= {sentence[one].text.casefold() for one in sentence.children(i, "cc")}
            if "or" in ors and self._negated(sentence, word.head):  # "has not lifted or eased"
                return True
        beside = word.dep == "advcl" and word.tag in {"VBN", "VBG"}  # "asked to scrap it, X refused"
        if word.dep in {"xcomp", "ccomp", "advcl", "pcomp", "dobj", "acl"} and not beside:
            above = sentence[word.head]
            if word.dep == "ccomp" and any(one.text in {":", ";"} for one in sentence.words[i : above.i]):
                return self._yet(sentence, i)  # "X accused Y; Z denied it"
            if word.dep == "pcomp" and self._kept_from(sentence, above.head):
                return True
            if above.lemma in self._deny and self._negated_aux(sentence, above.i):
                return False  # "do not rule out that X might": it may
            if above.lemma in self._deny or above.text.casefold() in {"without", "yet"}:
                return True
            if word.dep == "xcomp" and above.lemma != "have" and self._negated_aux(sentence, above.i):
                return True
        return self._yet(sentence, i)

    def _of_another(self, sentence: Sentence, one: int, i: int) -> bool:
        """Return whether "would" or "not" is of a clause before an act: "it had said it would not, X did"."""
        doers = [doer for doer in sentence.children(i, "nsubj", "nsubjpass") if one < doer]
        if not any(word.dep == "nsubj" for word in sentence.words[:one]):
            return False  # "Nor, whatever they print, has X asked"
        return bool(doers) and any(word.text == "," for word in sentence.words[one : doers[-1]])

    def _not_till_now(self, sentence: Sentence, never: int) -> bool:
        """Return whether it never was till now, and so is: "never before has X banned so much"."""
        after = sentence[never + 1].text.casefold() if never + 1 < len(sentence) else ""
        return sentence[never].text.casefold() == "never" and after in {"before", "since"}

    def _at_no_point(self, sentence: Sentence, i: int) -> bool:
        """Return whether it is "at no point", "in no way", "under no circumstances"."""
        nouns = (noun for prep in sentence.children(i, "prep") for noun in sentence.children(prep, "pobj"))
        return any(
            sentence[noun].lemma in _NO_POINT
            and "no" in {sentence[one].text.casefold() for one in sentence.children(noun, "det")}
            for noun in nouns
        )

    def _nobody(self, sentence: Sentence, i: int) -> bool:
        """Return whether nobody does it: "no country", "neither X nor Y"."""
        for one in sentence.children(i, "nsubj", "nsubjpass"):
            below = sentence.children(one, "det", "preconj", "cc", "neg")
            below += tuple(two for word in sentence.children(one, "amod") for two in sentence.children(word))
            near = {sentence[at].text.casefold() for at in (one, *below)}
            single = "not" in near and (
                sentence[one].lemma == "one"
                or "single" in {sentence[at].lemma for at in sentence.children(one)}
            )
            if single or near & {"no", "neither", "nobody", "none", "nothing"}:
                return True
        return False

    def _instead(self, sentence: Sentence, i: int) -> bool:
        """Return whether something else is done: "instead of sending ships", "rather than ban exports"."""
        before = [word.text.casefold() for word in sentence.words[max(0, i - 3) : i]]
        return any(pair in {("instead", "of"), ("rather", "than")} for pair in itertools.pairwise(before))

    def _kept_from(self, sentence: Sentence, i: int) -> bool:
        """Return whether a verb keeps from the act behind its preposition: "refrained from", "stopped
        short of".
        """
        near = {sentence[i].lemma} | {
            sentence[one].text.casefold() for one in sentence.children(i, "advmod", "acomp")
        }
        near |= {sentence[sentence[i].head].lemma} if sentence[i].text.casefold() == "short" else set()
        return bool(near & (self._deny | {"short"}))

    def _negated_aux(self, sentence: Sentence, i: int) -> bool:
        return bool({sentence[one].text.casefold() for one in sentence.children(i, "neg")} & _NEVER)

    def _yet(self, sentence: Sentence, i: int) -> bool:
        """Return whether it is "has yet to", "is yet to"."""
        before = [word.text.casefold() for word in sentence.words[max(0, i - 4) : i]]
        return "yet" in before and "to" in before[before.index("yet") :]

    def _own(self, sentence: Sentence, i: int) -> str:
        """Return the status that a verb's own auxiliaries and conditions give."""
        auxiliaries = {
            sentence[one].text.casefold()
            for one in sentence.children(i, "aux")
            if not self._of_another(sentence, one, i)
        }
        if self.under_if(sentence, i):
            return "conditional"
        if auxiliaries & (_MAYBE | _LATER | {"would", "should", "must", "to"}) and self._has_if(sentence, i):
            return "conditional"
        if auxiliaries & (_MAYBE | _LATER | {"would"}) and self._after_if(sentence, i):
            return "conditional"
        if auxiliaries & _MAYBE:
            return "hypothetical"
        if auxiliaries & _LATER:
            return "planned"
        if "would" in auxiliaries:
            return "planned" if self._reported(sentence, i) else "hypothetical"
        if auxiliaries & {"should", "must", "ought"}:
            return "hypothetical"
        if sentence[i].pos == "NOUN" or sentence[i].dep in {"amod", "compound"}:
            beside = {sentence[one].lemma for one in sentence.children(i, "amod", "compound", "advmod")}
            if beside & self._possible:
                return "hypothetical"
            if self._supposed(sentence, i):
                return "hypothetical"
            if beside & {"planned", "plan", "upcoming", "forthcoming", "proposed", "propose", "future"}:
                return "planned"
        if self._adverb(sentence, i) & self._possible:
            return "hypothetical"
        return "actual"

    def _supposed(self, sentence: Sentence, i: int) -> bool:
        """Return whether a noun is only imagined: "an embargo could idle the plants"."""
        articles = {sentence[one].text.casefold() for one in sentence.children(i, "det")}
        if sentence[i].dep != "nsubj" or not articles & {"a", "an", "any", "another"}:
            return False
        auxiliaries = {sentence[one].text.casefold() for one in sentence.children(sentence[i].head, "aux")}
        return bool(auxiliaries & (_MAYBE | {"would"}))

    def _adverb(self, sentence: Sentence, i: int) -> set[str]:
        return {sentence[one].lemma for one in sentence.children(i, "advmod")}

    def under_if(self, sentence: Sentence, i: int) -> bool:
        """Return whether an act stands in a clause that begins with "if", or with "were" and "should"."""
        if sentence[0].text.casefold().strip('\u201c"') in _SUPPOSE and not any(
            word.text == "," for word in sentence.words[:i]
        ):
            return True
        whole = sentence[i].head if sentence[i].dep in {"acomp", "attr"} else i
        unless = sentence[whole].tag in {"VBZ", "VBP"} and any(
            sentence[mark].text.casefold() == "unless"
            for one in sentence.children(whole, "advcl")
            for mark in sentence.children(one, "mark")
        )
        if unless:  # "unless X gives way, its goods become subject to a duty"
            return True
        for at in (i, *sentence.above(i)):
            if sentence[at].dep == "acl" and sentence[sentence[at].head].lemma == "condition":
                return True  # "on condition that"
            if sentence[at].dep in {"advcl", "ccomp"}:
                marks = {sentence[one].text.casefold() for one in sentence.children(at, "mark", "advmod")}
                if marks & _IF and not (sentence[at].dep == "ccomp" and "whether" in marks):
                    return True
                if "should" in {sentence[one].text.casefold() for one in sentence.children(at, "aux")} and (
                    sentence[sentence.subtree(at)[0]].text.casefold() == "should"
                ):
                    return True
        return False

    def _after_if(self, sentence: Sentence, i: int) -> bool:
        """Return whether the sentence begins with a condition that a comma ends before the act."""
        first = next((word.text.casefold() for word in sentence.words if word.pos != "PUNCT"), "")
        return first in {"if", "unless", "should", "were"} and any(
            word.text == "," for word in sentence.words[:i]
        )

    def _has_if(self, sentence: Sentence, i: int) -> bool:
        """Return whether a clause with "if" hangs on an act."""
        for one in sentence.children(i, "advcl", "prep"):
            marks = {sentence[mark].text.casefold() for mark in sentence.children(one, "mark", "advmod")}
            if marks & _IF or sentence[one].text.casefold() in {"provided", "providing"}:
                return True
            first = sentence[sentence.subtree(one)[0]]
            if (
                first.text.casefold() in {"should", "were", "had"}
                and first.head == one
                and first.pos == "AUX"
            ):
                return True
        return False

    def _reported(self, sentence: Sentence, i: int) -> bool:
        """Return whether a clause hangs on a verb of saying, so that "would" is a future seen from then."""
        for at in (i, *sentence.above(i)):
            if sentence[at].dep in {"ccomp", "parataxis"}:
                return True
        return any(sentence[one].dep in {"parataxis", "ccomp"} for one in sentence.children(i))

    def _from_above(self, sentence: Sentence, i: int) -> str:
        """Return the status that verbs and nouns above give: "plans to", "is considering", "fears that"."""
        low = i
        for at in sentence.above(i):
            dep, word = sentence[low].dep, sentence[at]
            if dep in {"conj", "compound", "amod"}:
                low = at
                if dep == "conj" and word.pos in {"VERB", "AUX"} and low != i:
                    own = self._own(sentence, at)
                    if own != "actual" and not sentence.children(i, "nsubj", "nsubjpass", "aux"):
                        return own
                continue
            begun = self._begun(sentence, low, at, i)
            if begun:
                return begun
            parted = any(one.text in {":", ";"} for one in sentence.words[low:at])
            if dep == "ccomp" and (parted or self._is_turned(sentence, low, at)):
                return "actual"  # "have struck a deal: X will build"
            if (
                dep == "prep"
                and sentence[low].lemma in {"in", "into", "by"}
                and sentence.children(low, "pcomp")
            ):
                own = self._own(sentence, at)  # "could follow X in levying a duty"
                if own != "actual":
                    return own
            if dep == "relcl" and word.lemma in GROUNDS and self._ground(sentence, at):
                return self._ground(sentence, at)
            if dep in {"relcl", "nsubj", "nsubjpass", "appos", "agent"}:
                return "actual"
            if dep in {
                "xcomp",
                "ccomp",
                "acl",
                "pcomp",
                "dobj",
                "prep",
                "pobj",
                "attr",
                "acomp",
                "advcl",
                "oprd",
            }:
                status = self._by_head(sentence, at, dep)
                if status:
                    return status
            low = at
        return "actual"

    def _is_turned(self, sentence: Sentence, low: int, at: int) -> bool:
        """Return whether a condition stands behind an act: "threatened a cut should it take effect"."""
        doers = sentence.children(at, "nsubj", "nsubjpass")
        should = [one for one in sentence.children(at, "aux") if sentence[one].lemma in {"should", "were"}]
        return (
            sentence[low].tag == "VBD" and low < at and bool(should) and bool(doers) and should[0] < doers[0]
        )

    def _begun(self, sentence: Sentence, low: int, at: int, i: int) -> str:
        """Return the status of what a noun tells whose verb foresees it or lets it begin, or nothing."""
        dep, verb = sentence[low].dep, sentence[at].lemma
        if dep == "nsubjpass" and verb in _FORESEEN and sentence[i].pos == "NOUN":
            return "negated" if self._negated_aux(sentence, at) else "planned"
        if dep in {"nsubj", "nsubjpass"} and verb in _BEGIN and low == i:
            return self._own(sentence, at)
        return ""

    def _infinitive(self, sentence: Sentence, at: int, dep: str) -> bool:
        """Return whether what hangs on a verb is "for X to do": it shares the verb's doubt."""
        return any(
            "to" in {sentence[aux].text.casefold() for aux in sentence.children(one, "aux")}
            for one in sentence.children(at, dep)
        )

    def _ground(self, sentence: Sentence, at: int) -> str:
        """Return the status of what there is no sign of, or of a report that nobody could confirm."""
        if {sentence[one].text.casefold() for one in sentence.children(at, "det", "neg")} & {"no"}:
            return "negated"
        head = sentence[sentence[at].head]
        below = (head.i, *sentence.children(head.i, "xcomp"))  # "turned out to be false"
        told = {sentence[two].lemma for one in below for two in sentence.children(one, "acomp", "attr")}
        if head.lemma in self._deny or told & _UNTRUE:
            return "negated"
        if head.lemma in {"confirm", "verify", "prove", "circulate", "surface"}:
            return "hypothetical"
        return ""

    def _by_head(self, sentence: Sentence, at: int, dep: str) -> str:
        """Return the status that one word above gives, or nothing."""
        word = sentence[at]
        if word.lemma in self._doubt:
            return "hypothetical"
        if dep == "xcomp" and word.lemma == "go" and word.tag == "VBG":  # "is going to"
            return "negated" if self._negated_aux(sentence, at) else "planned"
        if dep == "xcomp" and word.lemma == "be" and word.tag in {"VBZ", "VBP", "VBD"}:
            return "planned"
        if dep == "prep" and word.lemma == "be":  # "is due in Berlin on Tuesday for talks"
            due = {sentence[one].lemma for one in sentence.children(at, "acomp")} & {"due", "expected"}
            return "planned" if due else ""
        if dep in {"xcomp", "acl", "pcomp", "pobj", "dobj", "acomp", "prep", "ccomp"}:
            if word.lemma in self._plan:
                no = {sentence[one].text.casefold() for one in sentence.children(at, "det", "neg")}
                return "negated" if no & (_NEVER | {"no"}) else "planned"
            if word.lemma in self._want and dep in {"xcomp", "acl"}:
                return "planned"
        if word.lemma in GROUNDS and dep in {"ccomp", "acl", "relcl"}:
            return self._ground(sentence, at)
        if dep in {"xcomp", "dobj", "ccomp", "advcl", "oprd"} and word.pos in {"VERB", "AUX"}:
            own = self._own(sentence, at)
            if own != "actual" and (dep != "advcl" or self._infinitive(sentence, at, dep)):
                return own
            if dep not in {"ccomp", "advcl"} and self._negated(sentence, at):
                return "negated"
        return ""
