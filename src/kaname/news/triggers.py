"""Words that tell events: which pattern fits, and which words are only part of another event."""

from __future__ import annotations

from kaname.news.authority import is_bystander
from kaname.news.cast import Scene
from kaname.news.frames import antecedent, is_passive, objects, outer_nouns, quoted_subject, subjects
from kaname.news.patterns import Pattern
from kaname.news.phrases import REMARKED
from kaname.news.sentence import Sentence
from kaname.news.standins import GROUNDS

ABSORBING = frozenset({"REQUEST", "THREATEN", "REJECT", "ACCUSE", "AGREE", "SUPPORT", "STATEMENT", "CONCEDE"})
"""Types that hold another act inside them: what is asked, threatened or refused is not coded beside it."""
BESIDE = frozenset({"joint-production", "presence"})
"""Modes that are coded beside the agreement that holds them."""
BESIDE_PREPS = frozenset(
    {"after", "before", "amid", "during", "following", "despite", "since", "at", "prior"}
)
"""Prepositions behind which another act stands beside that of the verb, not inside it."""
REASONED = frozenset({"SANCTION", "ACCUSE", "COERCE", "SUPPORT"})
"""Types that name the reason behind "for": what somebody was listed, blamed or praised for."""
MEANT = frozenset(
    {"amount", "mean", "constitute", "draft", "plan", "prepare", "consider", "aim", "direct", "intend"}
)
"""What is denied of a measure, which nobody is charged with."""
NAMED = frozenset({"name", "identify", "quote"})
SPEAKING = frozenset({"speak", "talk", "comment", "discuss"})
"""What those may not do who tell a paper something without their name."""
ASKED = frozenset({"call", "appeal", "press", "push", "plead", "reject", "rebuff", "spurn", "dismiss"})
"""Verbs on which an infinitive hangs that is asked, not done."""
SPEECH = frozenset({"STATEMENT", "THREATEN", "ACCUSE", "SUPPORT", "REJECT"})
"""Types that are words of whoever says them."""
DESCRIBING = frozenset({"REQUEST", "SUPPORT", "STATEMENT", "AID"})
"""Types that a participle behind a noun does not tell: "a plan backed by X", "radars sent to Y"."""
PARTS = {"VERB": "verb", "AUX": "verb", "NOUN": "noun", "PROPN": "noun", "ADJ": "adj"}


def triggers_of(scene: Scene) -> list[tuple[int, Pattern]]:
    """Return the words of a sentence that tell events, with the pattern that fits best, in order."""
    sentence = scene.sentence
    best: dict[int, Pattern] = {}
    for word in sentence.words:
        pattern = _best(scene, word.i)
        if pattern is not None:
            best[word.i] = pattern
    dropped = {i for i, pattern in best.items() if pattern.type == "none"}
    for i, pattern in best.items():
        if i not in dropped:
            dropped |= {i} if _by_nobody(scene, i, pattern) else _absorbed(sentence, i, pattern, best)
    return [(i, pattern) for i, pattern in sorted(best.items()) if i not in dropped]


def _by_nobody(scene: Scene, i: int, pattern: Pattern) -> bool:
    """Return whether a verb tells an act of no actor: what the reader is told to do, a denial that answers no
    charge, words of a bystander, a worry of nobody ("dealers worry that X may slap duties on Y" tells of X).
    """
    words = quoted_subject(scene.sentence, i) or subjects(scene.sentence, i)
    if pattern.type == "SANCTION" and _in_remark(scene.sentence, i):
        return True  # "cut the quota, a step that is set to tighten supply"
    if pattern.part == "verb" and (_is_imperative(scene, i) or _is_of_a_source(scene.sentence, i)):
        return True  # "visit our page", "read more", "who asked not to be named"
    if pattern.rule == "reiterate" and _only_says(scene.sentence, i):
        return True  # "no duty was adopted, the ministry stressed": it only says so
    if pattern.part == "noun" and _is_denied_of(scene.sentence, i):
        return True  # "denied that the rules amounted to a ban"
    told = {scene.sentence[one].lemma for one in scene.sentence.children(i, "ccomp") if one > i}
    if pattern.rule in {"deny-charge", "deny-that"} and told:  # "denied that the rules amounted to a ban"
        accused = {code for one in words for code in scene.who(one)} & scene.cast.stands_accused()
        return bool(told & MEANT) or not accused  # no answer to a charge: the act itself is told or is none
    return (
        pattern.type == "STATEMENT"
        and pattern.part == "verb"
        and "source" not in pattern.roles
        and bool(words)
        and all(scene.sentence[one].pos == "NOUN" and not scene.who(one) for one in words)
    ) or (pattern.type in SPEECH and any(is_bystander(scene, one) for one in words))


def _in_remark(sentence: Sentence, i: int) -> bool:
    """Return whether a verb tells what an act does that is called a step or a move before it."""
    clause = next((at for at in (i, *sentence.above(i)) if sentence[at].dep == "relcl"), None)
    return clause is not None and (
        sentence[sentence[clause].head].dep == "appos" and sentence[sentence[clause].head].lemma in REMARKED
    )


def _only_says(sentence: Sentence, i: int) -> bool:
    """Return whether words only say again what stands before them: "..., X stressed", "..., as X says"."""
    clause = next((at for at in (i, *sentence.above(i)) if sentence[at].dep == "advcl"), None)
    marks = sentence.children(clause, "mark") if clause is not None else ()
    return any(one < i for one in sentence.children(i, "ccomp")) or any(
        sentence[one].text.casefold() == "as" for one in marks
    )


def _is_of_a_source(sentence: Sentence, i: int) -> bool:
    """Return whether a verb tells why somebody who speaks has no name: "asked not to be identified"."""
    below = sentence.children(i, "xcomp")
    hidden = any(sentence[one].lemma in NAMED and sentence.children(one, "auxpass") for one in below)
    silent = any(sentence[one].lemma in SPEAKING for one in below)
    return (hidden and sentence[i].lemma in {"ask", "request", "decline", "wish"}) or (
        silent and sentence[i].lemma in {"allow", "authorise", "authorize", "permit"}
    )


def _is_denied_of(sentence: Sentence, i: int) -> bool:
    """Return whether a noun is what a measure is denied to amount to."""
    return any(
        sentence[at].lemma in MEANT and sentence[sentence[at].head].lemma == "deny"
        for at in sentence.above(i)
    )


def _is_imperative(scene: Scene, i: int) -> bool:
    """Return whether a verb tells the reader to do something."""
    word = scene.sentence[i]
    alone = not scene.sentence.children(i, "nsubj", "nsubjpass", "aux", "auxpass", "mark")
    return word.tag == "VB" and word.dep == "ROOT" and alone and not scene.cast.quoted


def _best(scene: Scene, i: int) -> Pattern | None:
    """Return the pattern with most conditions that fits a word."""
    sentence = scene.sentence
    word = sentence[i]
    part = PARTS.get(word.pos)
    if part is None or (part == "noun" and scene.code(i)):
        return None
    if part == "verb" and word.dep in {"amod", "compound", "aux"}:
        return None
    if part == "verb" and word.dep == "acl" and sentence[sentence[word.head].head].lemma == "without":
        return None  # "without a licence issued by X"
    described = part == "verb" and word.dep == "acl" and word.tag == "VBN" and is_passive(sentence, i)
    candidates = scene.cast.lexicon.patterns.get((part, word.lemma), ())
    if not candidates:
        return None
    told = (
        tuple(map(scene.counted, (*objects(sentence, i), *outer_nouns(sentence, i), *_again(sentence, i))))
        if part == "verb"
        else ()
    )
    doers = (
        tuple(scene.counted(antecedent(sentence, one)) for one in subjects(sentence, i))
        if part == "verb"
        else ()
    )
    sides = [frozenset(f"<{scene.kind(one)}>" for one in some if scene.kind(one)) for some in (doers, told)]
    fitting = [pattern for pattern in candidates if pattern.fits(sentence, i, doers, told, *sides)]
    if not fitting and part == "verb":
        put = word.lemma == "put"  # "the risk of a drone strike is put at"
        near = [pattern for pattern in candidates if not (put and pattern.mode == "presence")]
        fitting = [pattern for pattern in near if pattern.nearly_fits(sentence, i)]
    if described:  # "the scheme proposed by X", "a permit issued by X" tell of the scheme and the permit
        fitting = [one for one in fitting if one.type not in DESCRIBING and one.mode != "licence-granted"]
    return min(fitting, key=lambda pattern: (-pattern.conditions, pattern.order), default=None)


def _again(sentence: Sentence, i: int) -> tuple[int, ...]:
    """Return what "it" or "them" means behind another verb: "announced curbs and suspended them"."""
    if sentence[i].dep != "conj" or not any(
        sentence[one].text.casefold() in {"it", "them"} for one in sentence.children(i, "dobj")
    ):
        return ()
    return objects(sentence, sentence[i].head)


def _absorbed(sentence: Sentence, i: int, pattern: Pattern, best: dict[int, Pattern]) -> set[int]:
    """Return the triggers that are part of another event: its object, or what is asked or refused in it."""
    gone: set[int] = set()
    if pattern.type == "REJECT":  # what is refused stands beside it where its author is named
        best = {one: inner for one, inner in best.items() if inner.rule != "request-from"}
    if pattern.part == "verb":
        gone |= _nouns_in(sentence, i, pattern, best)
    denial = sentence[i].lemma == "deny" and pattern.mode != "licence"  # "was denied a licence"
    if denial and any(sentence.children(one, "expl") for one in sentence.children(i, "ccomp")):
        return {i}  # "denied that there had been any incursion"
    if denial and any(
        best[other].part == "verb" and (_hangs_in(sentence, other, i) or _in_report(sentence, other, i))
        for other in best
        if other != i
    ):
        return {i}  # "denied having blocked it": the act itself, negated
    if pattern.type == "STATEMENT" and any(
        inner.type == "THREATEN" and _hangs_in(sentence, other, i) for other, inner in best.items()
    ):
        return {i}  # "warned that it would take countermeasures"
    if pattern.type in REASONED:
        gone |= {other for other in best if other != i and _is_reason(sentence, other, i)}
    if pattern.type in {"SANCTION", "CONCEDE"} and pattern.part == "verb":  # "stopped sharing data"
        gone |= {other for other in sentence.children(i, "xcomp") if other in best}
    if pattern.type == "THREATEN":  # "will answer unless X withdraws its limit"
        gone |= {other for other in best if other != i and _is_condition(sentence, other, i)}
    if pattern.type not in ABSORBING:
        return gone
    return gone | {
        other
        for other, inner in best.items()
        if other != i
        and not (inner.mode in BESIDE and pattern.type == "AGREE")
        and _hangs_in(sentence, other, i)
    }


def _nouns_in(sentence: Sentence, i: int, pattern: Pattern, best: dict[int, Pattern]) -> set[int]:
    """Return the nouns that tell what a verb tells: its object, subject, or what stands behind it."""
    nouns = {one for one, inner in best.items() if inner.part == "noun" and inner.mode not in BESIDE}
    gone = nouns & set(objects(sentence, i))
    gone |= nouns & set(subjects(sentence, i)) if pattern.subject else set()
    for prep in sentence.children(i, "prep"):
        if sentence[prep].lemma not in BESIDE_PREPS and sentence[prep].lemma != "over":
            gone |= nouns & set(sentence.children(prep, "pobj"))
    return gone


def _is_condition(sentence: Sentence, other: int, i: int) -> bool:
    """Return whether a word stands in the condition under which another is done."""
    for at in (other, *sentence.above(other)):
        marks = {sentence[one].text.casefold() for one in sentence.children(at, "mark")}
        if sentence[at].dep == "advcl" and sentence[at].head == i:
            return "unless" in marks
    return False


def _is_reason(sentence: Sentence, other: int, i: int) -> bool:
    """Return whether a word is the reason given for another: "listed for supplying drones"."""
    at = other
    for above in sentence.above(other):
        if sentence[above].head == i and sentence[above].dep == "prep":
            return sentence[at].dep == "pcomp" and sentence[above].lemma in {"for", "of", "over"}
        at = above
    return False


def _hangs_in(sentence: Sentence, other: int, i: int) -> bool:
    """Return whether a word is in the complement of another, not in a clause beside it."""
    at = other
    for above in sentence.above(other):
        if above == i:
            if _is_asked(sentence, at, i):
                return True
            return sentence[at].dep in {
                "xcomp",
                "ccomp",
                "pcomp",
                "dobj",
                "prep",
                "acl",
                "dative",
                *(("nsubjpass",) if sentence[i].tag == "VBN" else ()),
            } and not _aside(sentence, other, i)
        at = above
    return False


def _in_report(sentence: Sentence, other: int, i: int) -> bool:
    """Return whether a verb is what a report says that is denied: "denied a story that it had sent arms"."""
    return any(
        sentence[at].dep in {"relcl", "acl", "ccomp"}
        and sentence[sentence[at].head].lemma in GROUNDS
        and sentence[sentence[at].head].head == i
        for at in (other, *sentence.above(other))
    )


def _aside(sentence: Sentence, other: int, i: int) -> bool:
    """Return whether a relative or participle clause with a doer of its own lies between two words."""
    at = other
    if other < i and any(word.text == ";" for word in sentence.words[other:i]):
        return True
    while at != i:
        if sentence[at].dep == "prep" and sentence[at].lemma in BESIDE_PREPS | {"over"}:
            return True
        if sentence[at].dep == "relcl" or (sentence[at].dep == "acl" and sentence.children(at, "agent")):
            return True
        marks = {sentence[one].text.casefold() for one in sentence.children(at, "mark")}
        if sentence[at].dep == "advcl" and marks & BESIDE_PREPS:
            return True  # "refused to load fuel since Y put it on a list"
        if sentence[at].dep in {"advcl", "conj"} and sentence[at].head == i:
            return not _is_asked(sentence, at, i)
        at = sentence[at].head
    return False


def _is_asked(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether an infinitive is what is asked: "called on X to lift the ban"."""
    if sentence[at].tag == "VBG" and sentence[at].dep == "advcl" and sentence[i].lemma == "rule":
        return True  # "ruled out sending troops"
    infinitive = sentence[at].tag == "VB" and any(
        sentence[one].text == "to" for one in sentence.children(at, "aux")
    )
    return infinitive and sentence[i].lemma in ASKED
