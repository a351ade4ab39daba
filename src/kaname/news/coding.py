"""Events of the sentences of one text: triggers found, parties and slots filled, doubles dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from kaname.news.addressees import REFERRING
from kaname.news.cast import Cast, Scene, located, within
from kaname.news.dates import first_day
from kaname.news.frames import antecedent, objects, outer_nouns, quoted_subject, subjects
from kaname.news.lexicon import Lexicon
from kaname.news.patterns import Pattern
from kaname.news.persons import gazetteer, persons
from kaname.news.roles import Parties, parties
from kaname.news.sentence import Sentence
from kaname.news.slots import Slots, is_background, is_long_ago, mentions, slots
from kaname.news.status import StatusRules
from kaname.terms.ontology import MUTUAL

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
ADDRESSED = frozenset({"REQUEST", "THREATEN", "ACCUSE", "REJECT"})
"""Types that are said to somebody: of two such verbs in a row the second keeps the addressee."""
PAIRED = frozenset(
    {"CONSULT", "ASSAULT", "AGREE", "COERCE", "REQUEST", "ACCUSE", "THREATEN", "SUPPORT", "AID"}
)
"""Types of which one sentence tells but one act of the same doer, unless it names several addressees."""
UNADDRESSED = frozenset({"SANCTION", "MOBILIZE", "PROTEST", "RETREAT"})
"""Types that a noun may tell without saying to whom."""
DESCRIBING = frozenset({"REQUEST", "SUPPORT", "STATEMENT"})
"""Types that a participle behind a noun does not tell: "a plan backed by X"."""
HOSTILE = frozenset({"SANCTION", "ACCUSE", "REJECT", "THREATEN", "COERCE", "ASSAULT", "MOBILIZE"})
_DEAL = frozenset(
    [
        "pact",
        "deal",
        "agreement",
        "treaty",
        "accord",
        "memorandum",
        "project",
        "plan",
        "programme",
        "contract",
        "partnership",
    ]
)
_CURB = frozenset(
    [
        "ban",
        "stop",
        "control",
        "curb",
        "restriction",
        "measure",
        "tariff",
        "duty",
        "embargo",
        "action",
        "order",
        "rule",
        "halt",
    ]
)
REFERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "AGREE": _DEAL,
        "COOPERATE": _DEAL | {"exercise", "drill"},
        "CONSULT": frozenset({"meeting", "summit", "visit", "talk"}),
        "SANCTION": _CURB,
        "ACCUSE": frozenset({"criticism", "accusation", "complaint", "protest", "charge", "claim"}),
        "REQUEST": frozenset({"request", "call", "demand", "proposal", "appeal"}),
        "THREATEN": frozenset({"threat", "warning", "ultimatum"}),
        "REJECT": frozenset({"refusal", "rejection"}),
        "ASSAULT": frozenset({"attack", "strike", "raid"}),
        "MOBILIZE": frozenset({"deployment", "budget"}),
        "CONCEDE": frozenset({"easing", "concession", "suspension"}),
    }
)
"""Type -> nouns by which later sentences refer to such an act."""
COMPANY = ("company", "firm", "group")
"""Nouns by which a text later means the company that it has introduced."""
PARTS = {"VERB": "verb", "AUX": "verb", "NOUN": "noun", "PROPN": "noun", "ADJ": "adj"}


@dataclass(frozen=True)
class Coded:
    """An event as found: by which pattern at which word of which sentence."""

    sentence: Sentence
    trigger: int
    pattern: Pattern
    parties: Parties
    status: str
    slots: Slots


def coded(
    sentences: Sequence[Sentence],
    text: str,
    lexicon: Lexicon,
    published: date | None,
    headings: str = "",
) -> Iterator[Coded]:
    """Yield the events of a text, sentence by sentence; `headings` tell whose "the government" is at first."""
    rules = StatusRules(lexicon.classes)
    named = [within(sentence, text, lexicon.actors) for sentence in sentences]
    known = [located(sentence, found) for sentence, found in zip(sentences, named, strict=True)]
    people = gazetteer(persons(sentences, known, lexicon, published))
    cast = Cast(lexicon)
    scenes = [
        Scene(sentence, located(sentence, within(sentence, text, people)) | names, cast)
        for sentence, names in zip(sentences, known, strict=True)
    ]
    cast.saw(tuple(dict.fromkeys(one.what.split(":")[-1] for one in lexicon.actors.find(headings))))
    cast.focus = tuple(cast.recent[:1])
    attributed = _attributed(sentences)
    for number, scene in enumerate(scenes):
        cast.quoted = number in attributed
        _listen(scenes[attributed.get(number, number)])
        yield from _of_sentence(scene, text, rules, published)
        _remember(scene)


def _attributed(sentences: Sequence[Sentence]) -> dict[int, int]:
    """Return sentence -> the later sentence that names its speaker, for quotations of several sentences."""
    found: dict[int, int] = {}
    opened: int | None = None
    for number, sentence in enumerate(sentences):
        marks = "".join(word.text for word in sentence.words if word.text in {"\u201c", "\u201d", "``", "''"})
        marks = marks.replace("``", "\u201c").replace("''", "\u201d")
        if opened is not None and "\u201d" in marks:
            found |= dict.fromkeys(range(opened, number), number)
            opened = None
        if marks.rfind("\u201c") > marks.rfind("\u201d"):
            opened = number
        elif opened is not None and number - opened > 3:
            opened = None
    return found


def _of_sentence(scene: Scene, text: str, rules: StatusRules, published: date | None) -> Iterator[Coded]:
    """Yield the events of one sentence."""
    sentence = scene.sentence
    lexicon = scene.cast.lexicon
    triggers = _triggers(scene)
    if not triggers or any(scene.is_in(word.i, "sport_sure") for word in sentence.words):
        return
    goods = within(sentence, text, lexicon.commodities)
    own = text[sentence.start : sentence.end]
    there = mentions(scene, own, published, goods)
    found: list[Coded] = []
    seen = 0
    asked = own.rstrip(" \u201d\"'").endswith("?")
    for i, pattern in triggers:
        for word in sentence.words[seen:i]:
            if scene.code(word.i):
                scene.cast.saw((scene.code(word.i),))
        seen = i
        sides = parties(scene, i, pattern)
        if pattern.mode == "joint-production" and not _whole(pattern, sides):
            sides = _of_agreement(sentence, i, found) or sides
        if pattern.part == "noun" and not _whole(pattern, sides):
            continue
        status = pattern.status or rules.of(sentence, i)
        if asked and status == "actual":
            status = "hypothetical"
        others = frozenset(
            other
            for other, inner in triggers
            if other != i and not (pattern.type in ABSORBING and inner.mode in BESIDE)
        )
        if status == "actual" and pattern.mode == "joint-production" and _is_aim(sentence, i):
            status = "planned"
        filled = slots(scene, i, there, status, others)
        if pattern.mode == "presence":  # what is stationed is no good that is traded
            filled = replace(filled, commodities=())
        if status == "actual" and _is_scheduled(sentence, i, filled.date, published):
            status = "planned"
        if status == "actual" and (
            (is_background(filled.date, published) and not filled.since)
            or is_long_ago(sentence, i, own, others)
        ):
            status = "background"
        if len({*sides.source, *sides.target}) < (2 if "both" in pattern.roles else 1):
            continue
        if pattern.part == "verb" and not (sides.source or pattern.subject) and _by_things(scene, i):
            continue
        if pattern.type == "ASSAULT" and not sides.target:
            continue
        sides = _shared_target(sentence, i, pattern, sides, found)
        one = Coded(sentence, i, pattern, sides, status, filled)
        found.append(one)
        _acted(scene, one)
    yield from _single(found)


def _is_aim(sentence: Sentence, i: int) -> bool:
    """Return whether a verb is an infinitive: "signed a deal to build drones"."""
    return any(sentence[one].text == "to" for one in sentence.children(i, "aux"))


def _is_scheduled(sentence: Sentence, i: int, iso: str | None, published: date | None) -> bool:
    """Return whether the present tense tells what is to come: "the exercise begins next Monday"."""
    if iso is None or published is None or sentence[i].tag not in {"VBZ", "VBP"}:
        return False
    return first_day(iso) > published


def _of_agreement(sentence: Sentence, i: int, found: Sequence[Coded]) -> Parties | None:
    """Return the parties of the agreement that a noun hangs on: "signed a deal on joint production"."""
    above = set(sentence.above(i))
    return next((one.parties for one in found if one.trigger in above and one.pattern.type in MUTUAL), None)


def _by_things(scene: Scene, i: int) -> bool:
    """Return whether a verb has a doer that is no actor: "prices hit", "the storm struck"."""
    words = quoted_subject(scene.sentence, i) or subjects(scene.sentence, i)
    return bool(words) and not any(
        scene.is_in(scene.counted(one), "agent")
        or scene.is_in(one, "instrument")
        or scene.sentence[one].pos in {"PROPN", "PRON"}
        for one in words
    )


def _whole(pattern: Pattern, sides: Parties) -> bool:
    """Return whether a noun tells an act, not a figure of speech: with a doer, and whom it needs."""
    if pattern.type in MUTUAL:
        return len({*sides.source, *sides.target}) > 1
    return bool(sides.source) and (bool(sides.target) or pattern.type in UNADDRESSED)


def _shared_target(
    sentence: Sentence, i: int, pattern: Pattern, sides: Parties, found: Sequence[Coded]
) -> Parties:
    """Return the parties of a coordinated verb with the addressee of the verb before it: "urged X and
    warned".
    """
    mutual = pattern.type in MUTUAL and len(sides.source) == 1  # "met X and signed a letter"
    if sides.target or not (pattern.type in ADDRESSED or mutual) or pattern.roles.get("target") == ("none",):
        return sides
    before = next((one for one in found if one.trigger == sentence[i].head), None)
    kinds = MUTUAL if mutual else ADDRESSED
    if sentence[i].dep != "conj" or before is None or before.pattern.type not in kinds:
        return sides
    if mutual and before.parties.source != sides.source:
        return sides
    if set(sides.source) & set(before.parties.target):  # "X urged Y, but Y refused"
        return sides
    return Parties(sides.source, before.parties.target, False)


def _triggers(scene: Scene) -> list[tuple[int, Pattern]]:
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
            dropped |= _absorbed(sentence, i, pattern, best)
    return [(i, pattern) for i, pattern in sorted(best.items()) if i not in dropped]


def _best(scene: Scene, i: int) -> Pattern | None:
    """Return the pattern with most conditions that fits a word."""
    sentence = scene.sentence
    word = sentence[i]
    part = PARTS.get(word.pos)
    if part is None or (part == "noun" and scene.code(i)):
        return None
    if part == "verb" and word.dep in {"amod", "compound", "aux"}:
        return None
    described = part == "verb" and word.dep == "acl" and word.tag == "VBN"
    candidates = scene.cast.lexicon.patterns.get((part, word.lemma), ())
    if not candidates:
        return None
    told = (
        tuple(map(scene.counted, (*objects(sentence, i), *outer_nouns(sentence, i))))
        if part == "verb"
        else ()
    )
    doers = (
        tuple(scene.counted(antecedent(sentence, one)) for one in subjects(sentence, i))
        if part == "verb"
        else ()
    )
    kinds = frozenset(f"<{scene.kind(one)}>" for one in doers if scene.kind(one))
    fitting = [pattern for pattern in candidates if pattern.fits(sentence, i, doers, told, kinds)]
    if described:  # "the scheme proposed by X" tells of the scheme
        fitting = [pattern for pattern in fitting if pattern.type not in DESCRIBING]
    return min(fitting, key=lambda pattern: (-pattern.conditions, pattern.order), default=None)


def _absorbed(sentence: Sentence, i: int, pattern: Pattern, best: dict[int, Pattern]) -> set[int]:
    """Return the triggers that are part of another event: its object, or what is asked or refused in it."""
    gone: set[int] = set()
    if pattern.part == "verb":
        nouns = {one for one, inner in best.items() if inner.part == "noun" and inner.mode not in BESIDE}
        gone |= nouns & set(objects(sentence, i))
        for prep in sentence.children(i, "prep"):
            if sentence[prep].lemma in BESIDE_PREPS or sentence[prep].lemma == "over":
                continue
            gone |= nouns & set(sentence.children(prep, "pobj"))
    if sentence[i].lemma == "deny":  # "denied having blocked": the act itself, negated
        if any(_hangs_in(sentence, other, i) and best[other].part == "verb" for other in best if other != i):
            return {i}
    if pattern.type in REASONED:
        gone |= {other for other in best if other != i and _is_reason(sentence, other, i)}
    if pattern.type in {"SANCTION", "CONCEDE"} and pattern.part == "verb":  # "stopped sharing data"
        gone |= {other for other in sentence.children(i, "xcomp") if other in best}
    if pattern.type not in ABSORBING:
        return gone
    for other, inner in best.items():
        if other == i or inner.mode in BESIDE:
            continue
        if _hangs_in(sentence, other, i):
            gone.add(other)
    return gone


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
            } and not _aside(sentence, other, i)
        at = above
    return False


def _aside(sentence: Sentence, other: int, i: int) -> bool:
    """Return whether a relative or participle clause with a doer of its own lies between two words."""
    at = other
    if other < i and any(word.text == ";" for word in sentence.words[other:i]):
        return True
    while at != i:
        if sentence[at].dep == "prep" and sentence[at].lemma in BESIDE_PREPS:
            return True
        if sentence[at].dep == "relcl" or (sentence[at].dep == "acl" and sentence.children(at, "agent")):
            return True
        if sentence[at].dep in {"advcl", "conj"} and sentence[at].head == i:
            return not _is_asked(sentence, at, i)
        at = sentence[at].head
    return False


def _is_asked(sentence: Sentence, at: int, i: int) -> bool:
    """Return whether an infinitive is what is asked: "called on X to lift the ban"."""
    infinitive = sentence[at].tag == "VB" and any(
        sentence[one].text == "to" for one in sentence.children(at, "aux")
    )
    return infinitive and sentence[i].lemma in {"call", "appeal", "press", "push", "plead"}


def _listen(scene: Scene) -> None:
    """Note who speaks in a sentence, before its quotation is read: whom "we" means."""
    sentence = scene.sentence
    for word in sentence.words:
        if word.pos == "VERB" and scene.is_in(word.i, "say"):
            words = quoted_subject(sentence, word.i) or sentence.children(word.i, "nsubj")
            who = tuple(sorted({code for one in words for code in scene.who(one)}))
            if who:
                scene.cast.speaker = who
                return


def _acted(scene: Scene, one: Coded) -> None:
    """Note whom later words of the same sentence may mean."""
    both = tuple(sorted({*one.parties.source, *one.parties.target}))
    for code in both:
        scene.cast.saw((code,))
    if one.pattern.type in MUTUAL and len(both) > 1:
        scene.cast.group = both
    if one.parties.source:
        scene.cast.focus = one.parties.source
    whose = both if one.pattern.type in MUTUAL else one.parties.source
    if whose and one.status != "negated":
        sentence = scene.sentence
        heads = (
            {sentence[noun].lemma for noun in objects(sentence, one.trigger)}
            if one.pattern.part == "verb" and one.pattern.type not in REFERRING
            else set()
        )
        nouns = heads | REFERS.get(one.pattern.type, frozenset())
        if one.pattern.type not in REFERRING:
            nouns |= {"move", "decision", "step", "action", "it"}
        if one.pattern.mode == "joint-production":
            nouns |= {"production", "line", "assembly", "output"}
        for noun in nouns:
            scene.cast.things[noun] = whose
    if one.pattern.type == "SANCTION" and one.parties.source:
        scene.cast.imposer = one.parties.source
    if one.pattern.type == "REQUEST" and one.parties.target:
        for code in one.parties.source:
            scene.cast.asked[code] = one.parties.target
    if one.pattern.type in HOSTILE | {"REQUEST"} and one.parties.target:
        for side, other in (
            (one.parties.source, one.parties.target),
            (one.parties.target, one.parties.source),
        ):
            for code in side:
                scene.cast.opponents[code] = other


def _remember(scene: Scene) -> None:
    """Note the actors of a sentence once it is over."""
    sentence = scene.sentence
    named = tuple(dict.fromkeys(scene.code(word.i) for word in sentence.words if scene.code(word.i)))
    for code in named:
        scene.cast.saw((code,))
    for word in sentence.words:
        whose = scene.introduces(word.i)
        if whose:
            scene.cast.heads |= dict.fromkeys((word.lemma, *COMPANY), whose)
        if not scene.is_in(word.i, "agent"):
            continue
        if scene.kind(word.i) in {"institution", "bloc"}:
            scene.cast.heads[word.lemma] = (scene.code(word.i),)
        elif word.pos == "NOUN" and not scene.code(word.i):
            whose = scene.modifiers(word.i)
            if whose:
                scene.cast.heads[word.lemma] = whose
    root = next(
        (word.i for word in sentence.words if word.head == word.i and word.pos in {"VERB", "AUX"}), None
    )
    if root is None:
        return
    words = quoted_subject(sentence, root) or subjects(sentence, root)
    who = tuple(sorted({code for one in words for code in scene.who(one)}))
    if who:
        scene.cast.focus = who
        if scene.is_in(root, "say"):
            scene.cast.speaker = who
        if len(who) > 1:
            scene.cast.group = who


def _single(found: Sequence[Coded]) -> Iterator[Coded]:
    """Yield events of a sentence, one of each type, parties and status: that with a mode, else the first."""
    kept: dict[tuple[object, ...], Coded] = {}
    for one in found:
        sides = frozenset(one.parties.source), frozenset(one.parties.target)
        key = (one.pattern.type, one.pattern.mode, sides)
        plain = (one.pattern.type, None, sides)
        if key in kept:
            continue
        if one.pattern.mode is not None and plain in kept and kept[plain].status == one.status:
            del kept[plain]
        if one.pattern.mode is None and any(
            other[0] == key[0] and other[2] == sides and kept[other].status == one.status for other in kept
        ):
            continue
        kept[key] = one
    for one in kept.values():
        if not _part_of_another(one, kept.values()):
            yield one


def _part_of_another(one: Coded, others: Iterable[Coded]) -> bool:
    """Return whether another event says the same with the addressee that this one lacks: "shot and killed
    X".
    """
    return not one.parties.target and any(
        other.pattern.type == one.pattern.type
        and other.parties.source == one.parties.source
        and other.parties.target
        and other.status == one.status
        and one.pattern.type in PAIRED
        for other in others
    )
