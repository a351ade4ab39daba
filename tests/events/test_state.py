"""Reports of one act are one act; relations count actual ones; the situation says how far things are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import NOW, document, event

from kaname.data.event_store import EventStore
from kaname.data.stored_event import StoredDocument, StoredEvent
from kaname.events.merge import acts
from kaname.events.relations import relation, weights
from kaname.events.situation import situation, status_of
from kaname.news.tables import TABLES, load_tables
from kaname.passages import passages
from kaname.report.charts import render
from kaname.report.chartspec import Pole, Strip, WeeklySpec
from kaname.terms.errors import InputError
from kaname.terms.ontology import MODES

Filled = Callable[..., EventStore]


def stored(published: str | None = "2026-01-16", **keys: object) -> StoredEvent:
    one = event(**keys)
    return StoredEvent(one, one, StoredDocument(str(published), "d", None, published, None, None), ())


def test_ten_reports_of_one_act_are_one_act_with_ten_sources() -> None:
    reports = [stored(f"2026-01-{day}", id=f"e{day}") for day in range(10, 20)]
    (act,) = acts(reports[:4])
    assert (act.sources, act.first) == (4, date(2026, 1, 10))
    far = stored("2026-03-01", id="far")
    other = stored(id="other", commodities=("gallium",))
    hoped = stored(id="hoped", status="planned")
    assert len(acts([reports[0], far, other, hoped])) == 4


@given(
    st.permutations(
        [stored(f"2026-0{month}-1{day}", id=f"{month}{day}") for month in (1, 3) for day in range(3)]
    )
)
def test_acts_do_not_depend_on_the_order_of_reports(order: list[StoredEvent]) -> None:
    assert [sorted(one.event.id for one in act.reports) for act in acts(order)] == [
        ["10", "11", "12"],
        ["30", "31", "32"],
    ]


def test_relations_count_actual_acts_by_week_and_leave_others_missing() -> None:
    events = [
        stored("2026-01-06", id="a"),
        stored("2026-01-08", id="b"),
        stored("2026-01-20", id="c", type="ACCUSE", mode=None, source=("JPN",), target=("CHN",)),
        stored("2026-01-21", id="d", type="CONSULT", mode="meet", source=("CHN", "JPN"), target=()),
        stored("2026-01-28", id="e", status="planned"),
        stored(None, id="f", commodities=("gallium",)),
    ]
    china, japan = relation(events, "CHN", "JPN")
    assert [(week.monday, week.acts, week.sources) for week in china.weeks] == [
        (date(2026, 1, 5), 1, 2),
        (date(2026, 1, 19), 1, 1),
    ]
    scale = weights()
    assert china.weeks[0].score == scale["SANCTION", "export-ban"]
    assert japan.weeks[0].score == scale["ACCUSE", None] + scale["CONSULT", "meet"]
    assert china.undated == 1
    assert relation(events, "USA", "FRA")[0].weeks == ()


def test_every_type_and_mode_has_a_weight() -> None:
    scale = weights()
    for kind, modes in MODES.items():
        assert (kind, None) in scale
        assert all((kind, mode) in scale for mode in modes)


def test_the_situation_groups_and_says_how_far(filled: Filled) -> None:
    deal = event(
        id="deal", type="COOPERATE", mode="joint-production", source=("JPN", "USA"), target=(),
        status="planned",
        commodities=("missiles",), products=("missiles_interceptors",), date="2026-03",
        sentence="Okinawa plans.",
    )  # fmt: skip
    later = event(
        id="later", type="COOPERATE", mode="joint-production", source=("USA",), target=("JPN",),
        status="actual",
        commodities=("missiles",), products=("missiles_interceptors",), sentence="It runs.",
    )  # fmt: skip
    budget = event(
        id="budget", type="MOBILIZE", mode="budget", source=("JPN",), target=(), amount=9e12, currency="JPY"
    )
    maybe = event(id="maybe", status="hypothetical")
    abroad = event(id="abroad", source=("FRA",), target=("DEU",), type="CONSULT", mode="summit")
    store = filled(document("a", deal, budget, maybe, abroad), document("b", later, published="2026-02-01"))
    store.review("deal", "accept", "Ann", NOW)
    found = situation(store.events(), ["JPN", "USA"])
    assert {item.kind: item.status for item in found.items} == {
        "programmes": "under way",
        "budgets": "funded",
    }
    (programme,) = found.of("programmes")
    assert (programme.next_date, programme.areas) == ("2026-03", ("okinawa-southwest",))
    assert [proof.event for proof in programme.proofs] == ["deal", "later"]
    assert (found.as_of, found.unreviewed) == (date(2026, 2, 1), 1)
    (area,) = found.areas
    assert area.routes == ("okinawa",)
    assert len(situation(store.events(), area="okinawa-southwest").items) == 1
    assert situation(store.events(), as_of=date(2026, 6, 1)).of("programmes")[0].next_date is None
    with pytest.raises(InputError, match="unknown area"):
        situation(store.events(), area="atlantis")


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        ({"status": "negated"}, "lapsed"),
        ({"status": "planned"}, "announced"),
        ({"type": "AGREE", "mode": None}, "agreed"),
        ({"type": "AID", "mode": "fund", "amount": 5.0, "currency": "USD"}, "funded"),
        ({"type": "COOPERATE", "mode": "exercise"}, "delivered"),
        ({"type": "COOPERATE", "mode": None}, "under way"),
        ({"type": "ACCUSE", "mode": None}, "said"),
        ({}, "in force"),
    ],
)
def test_how_far_an_act_is(keys: dict[str, object], status: str) -> None:
    (act,) = acts([stored(**keys)])
    assert status_of(act) == status


def test_the_tables_agree_with_one_another_and_the_passages_exist() -> None:
    tables = load_tables()
    assert set(TABLES) == set(tables.rows)
    known = {row.passage for row in passages()}
    named = {route for row in tables["areas"] for route in (row["routes"] or "").split()}
    assert named <= known


def test_the_chart_of_a_relation_leaves_weeks_without_reports_empty() -> None:
    spec = WeeklySpec(
        "T",
        "S",
        (Strip("A", (Pole("2026-01-05", -7.0, "2 acts"), Pole("2026-02-02", 3.0))), Strip("B", ())),
        "points",
    )
    svg = render(spec)
    assert svg.count("<title>") == svg.count("Week of") == 2
    assert "B: no reports" in svg
    assert "No report" in render(WeeklySpec("T", "S", (), "points"))
