"""Reading scored on your own copy of the field's public gold sets; none of them is in this repository.

python tools/score_public.py PLOVER_GSR_CAMEO.txt            records of the PLOVER gold standard
python tools/score_public.py PETR.UnitTest.records.xml       validation records of PETRARCH

Each sentence is read by itself. A found event is right where its type and its source country are those of
the record. Types of older editions are mapped to today's, CAMEO codes by their root. Where a record leaves
the code of its source open (`---`, `IGO`), its country is that which kaname's own table finds in the words
for the actor; where there is none, the record counts with an empty source, and a last line leaves it out.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from defusedxml import ElementTree

from kaname.news.lexicon import lexicon
from kaname.news.parse import SpacyParser
from kaname.news.read import read_events
from kaname.news.reading import read_text
from kaname.terms.errors import InputError, Problem
from kaname.terms.ontology import BLOCS, MODES

OLDER = {
    "YIELD": ("CONCEDE", "RETREAT"),
    "DEMAND": ("REQUEST",),
    "APPEAL": ("REQUEST",),
    "DISAPPROVE": ("ACCUSE",),
    "INVESTIGATE": ("ACCUSE",),
    "FIGHT": ("ASSAULT",),
    "ATTACK": ("ASSAULT",),
    "EXHIBIT": ("MOBILIZE",),
    "REDUCE_RELATIONS": ("SANCTION",),
    "RELATIONS": ("SANCTION",),
    "MATERIAL_COOP": ("COOPERATE",),
    "COOP": ("COOPERATE",),
    "COMMENT": ("STATEMENT",),
    "DIPLOMACY": ("SUPPORT", "CONSULT"),
    "INTENT": ("AGREE",),
}
"""Type of an older edition -> today's."""
CAMEO = {
    "01": ("STATEMENT",), "02": ("REQUEST",), "03": ("AGREE",), "04": ("CONSULT",), "05": ("SUPPORT",),
    "06": ("COOPERATE",), "07": ("AID",), "08": ("CONCEDE", "RETREAT"), "09": ("ACCUSE",), "10": ("REQUEST",),
    "11": ("ACCUSE",), "12": ("REJECT",), "13": ("THREATEN",), "14": ("PROTEST",), "15": ("MOBILIZE",),
    "16": ("SANCTION",), "17": ("COERCE",), "18": ("ASSAULT",), "19": ("ASSAULT",), "20": ("ASSAULT",),
}  # fmt: skip
CAMEO_LEAVES = {"057": ("AGREE",)}
NO_COUNTRY = frozenset({"IGO", "NGO", "MNC", "IMG", "NGM", "UIS", "INT"})
"""Generic codes that stand where a country stands."""
ORGANISATIONS = {"IGOEUR": "EU", "IGOUNO": "UN", "IGONAT": "NATO", "EEC": "EU", "UNO": "UN", "NAT": "NATO"}


@dataclass(frozen=True)
class Record:
    """A sentence with what it must give: types that are accepted, and source codes."""

    name: str
    text: str
    when: date | None
    wanted: tuple[tuple[tuple[str, ...], frozenset[str]], ...]
    open: bool = False
    """Whether the record does not say of which country the source is."""


def plover(text: str, where: str) -> Iterator[Record]:
    """Yield the records of a PLOVER gold standard file: JSON objects with commas after the last entry."""
    decoder = json.JSONDecoder()
    clean = re.sub(r",(\s*[}\]])", r"\1", re.sub(r"#{3,}", "", text))
    at = 0
    while (start := clean.find("{", at)) >= 0:
        try:
            record, at = decoder.raw_decode(clean, start)
        except ValueError as error:
            raise InputError(
                Problem(f"not a record: {error}", where, line=clean.count("\n", 0, start) + 1)
            ) from None
        kind = str(record.get("event", "")).upper()
        types = (kind,) if kind in MODES else OLDER.get(kind, (kind,))
        actors = [actor for actor in record.get("source", []) if isinstance(actor, dict)]
        sources = frozenset(filter(None, map(_source, actors)))
        yield Record(
            str(record.get("id", "")),
            str(record.get("text", "")),
            _date(str(record.get("date", ""))),
            ((types, sources),) if kind else (),
            open=bool(actors) and not sources,
        )


def _source(actor: Mapping[str, Any]) -> str:
    """Return the country of an actor by its code, else by the words for it; nothing where neither says."""
    code = _country(str(actor.get("code", "")))
    if code:
        return code
    words = str(actor.get("actorText", ""))
    codes = (one.what.rsplit(":", maxsplit=1)[-1] for one in lexicon().actors.find(words))
    return next((one for one in codes if one not in {"", "-"}), "")


def _country(code: str) -> str:
    """Return the country or organisation of an actor code such as JPNGOV; nothing for ---."""
    if code in BLOCS:
        return code
    for start, organisation in ORGANISATIONS.items():
        if code.startswith(start):
            return organisation
    head = code[:3]
    return head if re.fullmatch(r"[A-Z]{3}", head) and head not in NO_COUNTRY else ""


def _date(text: str) -> date | None:
    digits = re.sub(r"\D", "", text)
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def petrarch(text: str) -> Iterator[Record]:
    """Yield the sentences of a PETRARCH validation file that hold English text."""
    root = ElementTree.fromstring(text)
    for node in root.iter("Sentence"):
        sentence = " ".join((node.findtext("Text") or "").split())
        wanted = []
        for coding in node.findall("EventCoding"):
            code = coding.get("eventcode", "")
            types = CAMEO_LEAVES.get(code[:3]) or CAMEO.get(code[:2])
            if types:
                source = _country(coding.get("sourcecode", ""))
                wanted.append((types, frozenset({source} - {""})))
        if sentence:
            yield Record(node.get("id", ""), sentence, _date(node.get("date", "")), tuple(wanted))


def right(record: Record, found: list[tuple[str, frozenset[str]]]) -> int:
    """Return how many found events are those of the record, each once."""
    left, count = list(found), 0
    for types, sources in record.wanted:
        hit = next((one for one in left if one[0] in types and one[1] == sources), None)
        if hit is not None:
            left.remove(hit)
            count += 1
    return count


def main() -> None:
    """Score a file."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("file", type=Path)
    given = ask.parse_args()
    text = given.file.read_text(encoding="utf-8", errors="replace")
    try:
        records = list(petrarch(text) if given.file.suffix == ".xml" else plover(text, str(given.file)))
    except (InputError, ElementTree.ParseError) as error:
        ask.error(f"{given.file}: {error}")
    if not records:
        ask.error(f"{given.file}: no record in it; expected records of PLOVER (JSON) or PETRARCH (.xml)")
    score(records)


def score(records: list[Record]) -> tuple[float, float, float]:
    """Print and return precision, recall and F of type and source, over the records that name a source."""
    parser = SpacyParser()
    read = [
        read_events(read_text(one.text.encode(), one.name, published=one.when), parser=parser).events
        for one in records
    ]
    found = [[(event.type, frozenset(event.source)) for event in events] for events in read]
    pairs = list(zip(records, found, strict=True))
    typed = [
        (
            replace(one, wanted=tuple((types, frozenset()) for types, _ in one.wanted)),
            [(kind, frozenset()) for kind, _ in some],
        )
        for one, some in pairs
    ]
    said = [pair for pair in pairs if not pair[0].open]
    print(f"{len(records)} sentences, {sum(len(one.wanted) for one in records)} events by hand")
    _tell("type alone", typed)
    _tell("type and source", pairs)
    print(f"{len(said)} sentences whose record says the country of the source")
    return _tell("type and source", said)


def _tell(
    what: str, pairs: Sequence[tuple[Record, list[tuple[str, frozenset[str]]]]]
) -> tuple[float, float, float]:
    """Print and return precision, recall and F of some records."""
    found = sum(len(some) for _, some in pairs)
    wanted = sum(len(one.wanted) for one, _ in pairs)
    matched = sum(right(one, some) for one, some in pairs)
    precision = matched / found if found else float("nan")
    recall = matched / wanted if wanted else float("nan")
    f = 2 * matched / (found + wanted) if found + wanted else float("nan")
    print(f"{what}: precision {precision:.3f} recall {recall:.3f} F {f:.3f}")
    return precision, recall, f


if __name__ == "__main__":
    main()
