"""The brief behind the flagship, its reviewed events, and drafting from a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made import NOW, document, event

from kaname.data.event_store import MEMORY, EventStore, events_of
from kaname.drafting import draft_scenario
from kaname.events import taken
from kaname.events.behind import BRIEF, RECORDS, load_records, state_of
from kaname.scenario import files
from kaname.study import examples_folder
from kaname.terms.errors import InputError, OutputError

FLAGSHIP = examples_folder() / "flagship"
Filled = Callable[..., EventStore]


def test_every_event_that_the_flagship_cites_is_accepted_and_stands_in_the_brief() -> None:
    records = load_records(FLAGSHIP)
    accepted = {one.event.id: one for one in events_of(records, "x") if one.state == "accepted"}
    cited = {
        proof.event
        for scenario in files.load_all(FLAGSHIP)
        for part in scenario.restrictions
        for proof in part.evidence
        if proof.event
    }
    assert len(cited) >= 3
    assert cited <= set(accepted)
    brief = " ".join((FLAGSHIP / BRIEF).read_text(encoding="utf-8").split())
    assert all(one.event.sentence in brief for one in accepted.values())


def test_the_brief_still_gives_what_was_reviewed() -> None:
    found, note = state_of(load_records(FLAGSHIP))
    assert found is not None
    assert found.unreviewed == 0
    words = note.rsplit("version: ", 1)[1].split()
    assert int(words[0]) == int(words[2]) > 15


def test_the_events_kept_are_what_the_brief_reads_as_now() -> None:
    """Fields too, not the identities alone; mend with `python tools/build_flagship_events.py`."""
    with EventStore(MEMORY, create=True) as store:
        taken.keep(taken.read_article(FLAGSHIP / BRIEF), store, BRIEF, NOW)
        read = [one["events"] for one in store.dump() if one["record"] == "document"]
    assert read == [one["events"] for one in load_records(FLAGSHIP) if one["record"] == "document"]


def test_a_brief_that_was_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / RECORDS).write_text((FLAGSHIP / RECORDS).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / BRIEF).write_text("Another text.", encoding="utf-8")
    with pytest.raises(InputError, match="changed after its events were reviewed"):
        load_records(tmp_path)
    assert load_records(tmp_path / "none") == ()
    (tmp_path / RECORDS).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not JSON"):
        load_records(tmp_path)


def test_only_accepted_events_are_drafted_and_gaps_are_assumptions(filled: Filled, tmp_path: Path) -> None:
    option = event(
        id="opt", type="COOPERATE", mode="joint-production", source=("JPN", "USA"), target=(),
        status="planned", products=("missiles_interceptors",), commodities=("missiles",),
        sentence="They will.",
    )  # fmt: skip
    licence = event(
        id="lic", mode="licence", commodities=("gallium",), products=("gallium_refined",), date="2026-02"
    )
    store = filled(document("a", event(), option, licence))
    out = tmp_path / "s.yaml"
    store.__exit__(None, None, None)
    with pytest.raises(InputError, match="not accepted"):
        draft_scenario(["e1"], store.path, out)
    assert not out.exists()
    with EventStore(store.path) as again:
        for name in ("e1", "opt", "lic"):
            again.review(name, "accept", "Ann", NOW)
    drafted = draft_scenario(["e1", "opt", "lic"], store.path, out)
    scenario = files.load(out)
    ban, licensed = scenario.restrictions
    assert (ban.kind, ban.exporter, ban.importers) == ("ban", "CHN", ("JPN",))
    assert ban.start.isoformat() == "2026-01-16"
    assert "magnets" in ban.products
    assert (ban.evidence[0].event, ban.evidence[0].page) == ("e1", event().sentence)
    assert (licensed.start.isoformat(), licensed.products) == ("2026-02-01", ("gallium_refined",))
    assert licensed.depth is not None
    assert licensed.depth.low < licensed.depth.central < licensed.depth.high
    assert all("assumed" in proof.source for proof in licensed.depth.evidence)
    told = " ".join(drafted.assumed)
    for part in ("dual-use goods", "2026-01-16", "50%", "104 weeks", "third countries"):
        assert part in told
    assert "interceptors-japan" in scenario.notes
    with pytest.raises(OutputError, match="exists"):
        draft_scenario(["e1"], store.path, out)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"mode": "tariff"}, "not a restriction that the model knows"),
        ({"source": ()}, "not one restricting country"),
        ({"commodities": ("wheat",)}, "no goods of the network"),
        ({"type": "AGREE", "mode": None}, "no export restriction among the events"),
    ],
)
def test_what_cannot_be_drafted_is_told(filled: Filled, keys: dict[str, object], told: str) -> None:
    store = filled(document("a", event(**keys)))
    store.review("e1", "accept", "Ann", NOW)
    store.__exit__(None, None, None)
    with pytest.raises(InputError, match=told):
        draft_scenario(["e1"], store.path)
