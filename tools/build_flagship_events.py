"""The reviewed events of the flagship: `python tools/build_flagship_events.py` writes
examples/flagship/events.jsonl.

Reads the brief and applies the decisions below, which were made by reading each sentence. An event without a
decision, or a decision without its event, stops the tool: then read the brief again and decide.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from kaname.data.event_store import MEMORY, EventStore
from kaname.events import behind, taken

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "flagship"
BY = "kaname maintainers"
AT = datetime(2026, 11, 26, 15, 0)
ACCEPT: dict[str, Any] = {}
# (type, mode, parties, first words of the sentence) -> changes; None rejects
DECISIONS: dict[tuple[str, str | None, str, str], dict[str, Any] | None] = {
    ("SANCTION", "export-ban", "CHN>JPN", "On 6 January"): ACCEPT,
    ("SANCTION", "licence", "CHN>", "Two days later"): {
        "target": ["JPN"], "date": "2026-01-08", "date_precision": "day"
    },
    ("ACCUSE", None, "JPN>CHN", "Japan's trade minister"): ACCEPT,
    ("REQUEST", None, "JPN>CHN", "Japan's trade minister"): ACCEPT,
    ("STATEMENT", None, "JPN>", "Tokyo expressed"): ACCEPT,
    ("SANCTION", "export-ban", "CHN>JPN", "China could"): ACCEPT,
    ("AGREE", "reach-agreement", "JPN+USA>", "On 16 January"): ACCEPT,
    ("COOPERATE", "joint-production", "JPN+USA>", "On 16 January"): ACCEPT,
    ("CONSULT", "meet", "JPN>USA", "Defence Minister"): {"date": "2026-01-16", "date_precision": "day"},
    ("AGREE", "supply-chain", "JPN+USA>", "Defence Minister"): ACCEPT,
    ("MOBILIZE", "presence", "JPN+USA>", "The two countries"): ACCEPT,
    ("COOPERATE", "exercise", "JPN+USA>", "They also plan"): ACCEPT,
    ("MOBILIZE", "budget", "JPN>", "Japan's cabinet"): ACCEPT,
    ("SUPPORT", None, "USA>JPN", "Hegseth praised"): ACCEPT,
    ("CONSULT", "summit", "ITA>JPN", "In Tokyo"): ACCEPT,
    ("COOPERATE", "deepen-relations", "ITA+JPN>", "Italy and Japan"): ACCEPT,
    ("AGREE", "supply-chain", "ITA+JPN>", "Italy and Japan"): ACCEPT,
    ("THREATEN", None, "JPN>CHN", "In November"): {"status": "conditional"},
    ("ASSAULT", None, "CHN>TWN", "In November"): None,
    ("ACCUSE", None, "CHN>JPN", "Beijing accused"): ACCEPT,
}  # fmt: skip


def main() -> None:
    """Write the reviewed events."""
    reading = taken.read_article(FOLDER / behind.BRIEF)
    left = dict(DECISIONS)
    with EventStore(MEMORY, create=True) as store:
        taken.keep(reading, store, behind.BRIEF, AT)
        for one in store.events():
            event = one.event
            sides = f"{'+'.join(event.source)}>{'+'.join(event.target)}"
            key = next(
                (
                    known
                    for known in left
                    if known[:3] == (event.type, event.mode, sides) and event.sentence.startswith(known[3])
                ),
                None,
            )
            if key is None:
                raise SystemExit(f"no decision on {event.type} {event.mode} {sides}: {event.sentence}")
            changes = left.pop(key)
            decision = "reject" if changes is None else "correct" if changes else "accept"
            store.review(event.id, decision, BY, AT, changes=changes or None)
        if left:
            raise SystemExit("not found: " + "; ".join(map(str, left)))
        records = tuple(store.dump())
    (FOLDER / behind.RECORDS).write_text(behind.as_text(records), encoding="utf-8")
    print(f"{len(reading.events)} events decided.")


if __name__ == "__main__":
    main()
