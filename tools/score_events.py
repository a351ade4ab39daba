"""Reading scored on texts coded by hand: `python tools/score_events.py tests/gold/development [--wrong]`.

Prints strict, dyad and source agreement with intervals, each type, slots, status, traps and the confident
tier. `--wrong` lists what was missed, what was found too much and which slots differ; use it on the
development half only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kaname.news.gold import GoldEvent, GoldText, agreement, load_gold, matches
from kaname.news.parse import SpacyParser
from kaname.news.read import read_events
from kaname.news.reading import read_text
from kaname.news.score import (
    CONFIDENT,
    WAYS,
    as_gold,
    by_type,
    confusion,
    dyad,
    precision_of,
    slot_shares,
    trapped,
)  # fmt: skip
from kaname.terms.event import Event
from kaname.terms.ontology import STATUSES

DRAWS = 2000
SEED = 20260116


def found_in(texts: tuple[GoldText, ...], tables: str | None = None) -> list[tuple[Event, ...]]:
    """Return the events that reading finds in each text."""
    parser = SpacyParser()
    return [
        read_events(
            read_text(text.text.encode(), text.id, published=text.published), parser=parser, tables=tables
        ).events
        for text in texts
    ]


def interval(
    gold: Sequence[Sequence[GoldEvent]],
    found: Sequence[Sequence[GoldEvent]],
    alike: Callable[[GoldEvent, GoldEvent], bool],
) -> tuple[float, float]:
    """Return the interval of 95 % of F by bootstrap over texts: events of one text are right or wrong
    together.
    """
    each = np.array(
        [(len(a), len(b), len(matches(a, b, alike))) for a, b in zip(gold, found, strict=True)], dtype=float
    )
    generator = np.random.default_rng(SEED)
    sums = each[generator.integers(0, len(each), (DRAWS, len(each)))].sum(axis=1)
    both = sums[:, 0] + sums[:, 1]
    f = np.divide(2.0 * sums[:, 2], both, out=np.full(DRAWS, np.nan), where=both > 0.0)
    return float(np.nanquantile(f, 0.025)), float(np.nanquantile(f, 0.975))


def main() -> None:
    """Score a folder of coded texts."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--tables")
    ask.add_argument("--wrong", action="store_true")
    ask.add_argument("--against", type=Path, help="A second coding of some of the texts: how far both agree.")
    given = ask.parse_args()
    texts = load_gold(given.folder)
    if given.against is not None:
        compare(texts, load_gold(given.against))
        return
    events = found_in(texts, given.tables)
    gold = [text.events for text in texts]
    found = [tuple(map(as_gold, some)) for some in events]
    report(texts, gold, found, events)
    if given.wrong:
        for text, a, b in zip(texts, gold, found, strict=True):
            wrong(text.id, a, b)


def compare(first: tuple[GoldText, ...], second: tuple[GoldText, ...]) -> None:
    """Print how far two codings of the same texts agree: events, slots of those in both, traps."""
    known = {text.id: text for text in first}
    if strange := [text.id for text in second if text.id not in known]:
        raise SystemExit(
            f"--against: {', '.join(strange)} not in the first folder; give codings of the same texts"
        )
    pairs = [(known[text.id], text) for text in second]
    one, two = ([pair[side].events for pair in pairs] for side in (0, 1))
    print(f"{len(pairs)} texts, {sum(map(len, one))} and {sum(map(len, two))} events")
    for name, alike in WAYS.items():
        print(f"{name:16s} F {agreement(one, two, alike).f:.3f}")
    for slot in ("mode", "status", "date", "amount", "products", "place", "object"):
        same = [
            getattr(a.events[i], slot) == getattr(b.events[j], slot)
            for a, b in pairs
            for i, j in matches(a.events, b.events)
        ]
        print(f"  {slot:9s} alike in {sum(same)} of {len(same)}")
    traps = [({t.sentence for t in a.traps}, {t.sentence for t in b.traps}) for a, b in pairs]
    shared = sum(len(a & b) for a, b in traps)
    print(f"traps {sum(len(a) for a, _ in traps)} and {sum(len(b) for _, b in traps)}, {shared} in both")


def report(
    texts: tuple[GoldText, ...],
    gold: list[tuple[GoldEvent, ...]],
    found: list[tuple[GoldEvent, ...]],
    events: list[tuple[Event, ...]],
) -> None:
    """Print the scores."""
    print(f"{len(texts)} texts, {sum(map(len, gold))} events by hand, {sum(map(len, found))} found")
    for name, alike in WAYS.items():
        counts, (low, high) = agreement(gold, found, alike), interval(gold, found, alike)
        print(
            f"{name:16s} precision {counts.precision:.3f} recall {counts.recall:.3f} F {counts.f:.3f} "
            f"({low:.3f} to {high:.3f})"
        )
    for kind, counts in by_type(gold, found).items():
        print(
            f"  {kind:10s} by hand {counts.gold:3d} found {counts.other:3d} right {counts.matched:3d} F "
            f"{counts.f:.3f}"
        )
    exports = [
        [
            [e for e in some if e.type == "SANCTION" and (e.mode or "").startswith(("export", "licence"))]
            for some in side
        ]
        for side in (gold, found)
    ]
    print(f"export controls  F {agreement(exports[0], exports[1], dyad).f:.3f}")
    for slot, share in slot_shares(gold, found).items():
        print(f"  {slot:9s} {share.right:3d} of {share.of:3d} = {share.share:.3f}")
    pairs = confusion(gold, found)
    for a in STATUSES:
        row = {b: pairs[a, b] for b in STATUSES if pairs[a, b]}
        if row:
            print(f"  {a:12s} -> " + ", ".join(f"{b} {count}" for b, count in row.items()))
    share, precision = precision_of(gold, events)
    print(f"confident (>= {CONFIDENT}): {share:.3f} of the found events, precision {precision:.3f}")
    print(f"traps counted as actual: {len(trapped(texts, found))}")


def wrong(name: str, gold: tuple[GoldEvent, ...], found: tuple[GoldEvent, ...]) -> None:
    """Print what was missed and what was found too much."""
    pairs = matches(gold, found)
    missed = [event for i, event in enumerate(gold) if i not in {a for a, _ in pairs}]
    extra = [event for j, event in enumerate(found) if j not in {b for _, b in pairs}]
    print(f"=== {name}: {len(pairs)} right")
    for sign, some in (("-", missed), ("+", extra)):
        for event in some:
            sides = f"{'+'.join(event.source)}>{'+'.join(event.target)}"
            print(f" {sign} {event.type} {event.mode or ''} {sides} {event.status} | {event.sentence}")
    for i, j in sorted(pairs):
        told = [
            f"{slot} {one!r} read as {other!r}"
            for slot in ("mode", "status", "date", "amount", "currency", "products", "place")
            if (one := getattr(gold[i], slot)) != (other := getattr(found[j], slot))
        ]
        if told:
            print(f" ~ {gold[i].type} {'; '.join(told)} | {gold[i].sentence}")


if __name__ == "__main__":
    main()
