"""What a sentence leaves for those after it: speakers, doers, measures, quarrels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kaname.news.act import Coded
from kaname.news.addressees import (
    REFERRING,
)
from kaname.news.cast import Scene
from kaname.news.frames import objects, quoted_subject, subjects
from kaname.news.sentence import Sentence
from kaname.terms.ontology import MUTUAL

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
        "paper",
        "text",
        "document",
        "framework",
        "venture",
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
        "quota",
        "freeze",
        "levy",
        "requirement",
        "licence",
        "cap",
        "decree",
        "sanction",
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


def attributed(sentences: Sequence[Sentence]) -> dict[int, int]:
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


def listen(scene: Scene) -> None:
    """Note who speaks in a sentence, before its quotation is read: whom "we" means."""
    sentence = scene.sentence
    for word in sentence.words:
        if word.pos == "VERB" and scene.is_in(word.i, "say"):
            words = quoted_subject(sentence, word.i) or sentence.children(word.i, "nsubj")
            who = tuple(sorted({code for one in words for code in scene.who(one)}))
            if who:
                scene.cast.speaker = who
                return


def acted(scene: Scene, one: Coded) -> None:
    """Note whom later words may mean by an act that was told."""
    cast, sides, kind = scene.cast, one.parties, one.pattern.type
    both = tuple(sorted({*sides.source, *sides.target}))
    for code in both:
        cast.saw((code,))
    if kind in MUTUAL and len(both) > 1:
        cast.group = both
    if sides.source:
        cast.focus = sides.source
        if kind == "SANCTION" and one.status not in {"negated", "conditional", "hypothetical"}:
            cast.imposer = sides.source
    whose = both if kind in MUTUAL else sides.source
    if whose and one.status != "negated":
        cast.things |= dict.fromkeys(_named(scene, one), whose)
    if kind in REFERRING and sides.target:  # "X praised Y's move, Z called it a trick": what Y did
        cast.things["it"] = sides.target
    if kind in {"SANCTION", "CONCEDE"} and sides.target:
        cast.hit |= dict.fromkeys(sides.source, sides.target)
        cast.struck = sides.target
    if kind == "AID" and sides.target and sides.target != sides.source:
        cast.aided = sides.target
    if kind == "AID" and sides.source:
        cast.donor = sides.source
    if kind == "ACCUSE":
        cast.accused |= dict.fromkeys(sides.target, cast.clock)
    if kind == "REQUEST" and sides.target:
        cast.asked |= dict.fromkeys(sides.source, sides.target)
    if kind in HOSTILE | {"REQUEST"} and sides.target:
        cast.opponents |= dict.fromkeys(sides.source, sides.target)
        cast.opponents |= dict.fromkeys(sides.target, sides.source)
        cast.quarrel = both if len(both) == 2 else cast.quarrel


def _named(scene: Scene, one: Coded) -> frozenset[str]:
    """Return the nouns by which later words may name an act: its object, what its type is called, "it"."""
    nouns = set(REFERS.get(one.pattern.type, ()))
    if one.pattern.type in REFERRING:
        return frozenset(nouns)
    if one.pattern.part == "verb":
        nouns |= {scene.sentence[noun].lemma for noun in objects(scene.sentence, one.trigger)}
    if one.pattern.mode == "joint-production":
        nouns |= {"production", "line", "assembly", "output"}
    return frozenset(nouns | {"move", "decision", "step", "action", "it"})


def remember(scene: Scene) -> None:
    """Note the actors of a sentence once it is over."""
    sentence = scene.sentence
    named = tuple(dict.fromkeys(scene.code(word.i) for word in sentence.words if scene.acts(word.i)))
    for code in named:
        scene.cast.saw((code,))
    for word in sentence.words:
        whose = scene.introduces(word.i)
        if whose:
            own = [
                sentence[one].lemma for one in sentence.children(word.i, "compound") if not scene.code(one)
            ]
            scene.cast.learned((word.lemma, *own, *COMPANY), whose)
        if not scene.is_in(word.i, "agent"):
            continue
        if scene.kind(word.i) in {"institution", "bloc"}:
            scene.cast.learned((word.lemma,), (scene.code(word.i),))
        elif word.pos == "NOUN" and not scene.code(word.i):
            whose = scene.modifiers(word.i)
            if whose:
                scene.cast.learned((word.lemma, scene.full(word.i)), whose)
    _note_state(scene)
    scene.cast.clock += 1
    root = next(
        (word.i for word in sentence.words if word.head == word.i and word.pos in {"VERB", "AUX"}), None
    )
    if root is None:
        return
    words = quoted_subject(sentence, root) or subjects(sentence, root)
    who = tuple(sorted({code for one in words for code in scene.who(one)}))
    told = _told_by_others(scene, root, words)
    if told:
        scene.cast.focus = told
    elif who:
        scene.cast.focus = who
        if scene.is_in(root, "say"):
            scene.cast.speaker = who
        if len(who) > 1:
            scene.cast.group = who


def _note_state(scene: Scene) -> None:
    """Note the state that acts in a sentence, by its name or through an office of its."""
    sentence = scene.sentence
    for word in sentence.words:
        if word.dep in {"nsubj", "nsubjpass"} and (
            scene.kind(word.i) in {"country", "capital"} or scene.is_in(word.i, "office_body")
        ):
            who = scene.who(word.i)
            if len(who) == 1:
                scene.cast.state, scene.cast.state_at = who, scene.cast.clock
                return


def _told_by_others(scene: Scene, root: int, words: Sequence[int]) -> tuple[str, ...]:
    """Return who does what mere observers tell: "Beijing granted licences, traders in Rotterdam say"."""
    sentence = scene.sentence
    if not scene.is_in(root, "say") or any(
        scene.code(one) or scene.is_in(one, "office") or scene.is_in(one, "office_body") for one in words
    ):
        return ()
    inner = sentence.children(root, "ccomp", "parataxis")
    found = {code for verb in inner for one in subjects(sentence, verb) for code in scene.who(one) if code}
    return tuple(sorted(found))
