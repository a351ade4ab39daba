"""The event store keeps everything: documents, decisions, what stood before; and refuses what is no store."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from made import NOW, document, event

from kaname.data.event_store import EventStore
from kaname.terms.errors import DataMissing, InputError

Filled = Callable[..., EventStore]


def test_a_document_is_kept_once_and_a_newer_version_replaces_it(filled: Filled) -> None:
    first = document("a.txt", event(), origin="http://x/a")
    store = filled(first)
    assert store.add(first, NOW) == 0
    newer = document("a.txt", event(id="e2", status="negated"), origin="http://x/a", text="corrected")
    assert store.add(newer, NOW + timedelta(days=1)) == 1
    assert {one.event.id: one.state for one in store.events()} == {"e1": "withdrawn", "e2": "new"}
    assert store.text(first.sha256) == first.text


def test_reviews_keep_what_stood_before(filled: Filled) -> None:
    store = filled(document("a", event()))
    assert store.review("e1", "accept", "Ann", NOW).state == "accepted"
    fixed = store.review(
        "e1", "correct", "Bo", NOW, changes={"target": ["KOR"], "status": "planned"}, note="n"
    )
    assert (fixed.event.target, fixed.event.status, fixed.found.target) == (("KOR",), "planned", ("JPN",))
    last = store.review("e", "reject", "Cy", NOW)
    assert (last.state, last.reviewed_by) == ("rejected", "Cy")
    assert [(one.decision, one.reviewed_by) for one in last.reviews] == [
        ("accept", "Ann"),
        ("correct", "Bo"),
        ("reject", "Cy"),
    ]
    assert last.event.target == ("KOR",)


@pytest.mark.parametrize(
    ("decision", "by", "changes", "told"),
    [
        ("maybe", "Ann", {}, "unknown decision"),
        ("accept", " ", {}, "nobody reviewed"),
        ("accept", "Ann", {"status": "planned"}, "do not fit"),
        ("correct", "Ann", {}, "do not fit"),
        ("correct", "Ann", {"sentence": "x"}, "no review changes"),
        ("correct", "Ann", {"type": "BAN"}, "unknown type"),
        ("correct", "Ann", {"status": "done"}, "unknown status"),
        ("correct", "Ann", {"source": "CHN"}, "not a list"),
    ],
)
def test_a_wrong_decision_changes_nothing(
    filled: Filled, decision: str, by: str, changes: dict[str, object], told: str
) -> None:
    store = filled(document("a", event()))
    with pytest.raises(InputError, match=told):
        store.review("e1", decision, by, NOW, changes=changes)
    assert store.events()[0].reviews == ()


def test_ids_are_found_by_their_first_letters(filled: Filled) -> None:
    store = filled(document("a", event(id="ab1"), event(id="ab2")))
    assert [one.event.id for one in store.events(["ab2"])] == ["ab2"]
    for name in ("ab", "zz", ""):
        with pytest.raises(InputError, match="no such event"):
            store.events([name])


def test_a_withdrawn_document_counts_no_more(filled: Filled) -> None:
    store = filled(document("a", event()), document("b", event(id="e2")))
    assert store.withdraw("a", "Ann", NOW, "retracted") == 1
    assert [one.state for one in store.events()] == ["withdrawn", "new"]
    for name in ("a", "c"):
        with pytest.raises(InputError, match="no single document"):
            store.withdraw(name, "Ann", NOW, "again")


def test_a_dump_is_taken_in_whole_or_not_at_all(filled: Filled, tmp_path: Path) -> None:
    store = filled(document("a", event()), document("b", event(id="e2"), origin="o"))
    store.review("e1", "correct", "Ann", NOW, changes={"target": ["KOR"]})
    store.withdraw("b", "Ann", NOW, "retracted")
    records = json.loads(json.dumps(list(store.dump())))
    with EventStore(tmp_path / "other.duckdb", create=True) as other:
        assert other.load(records, "dump") == 2
        assert other.load(records, "dump") == 0
        assert list(other.dump()) == records
        assert other.events() == store.events()
    with EventStore(tmp_path / "third.duckdb", create=True) as third:
        broken = [*records, {"record": "review"}, {"record": "poem"}]
        with pytest.raises(InputError) as caught:
            third.load(broken, "dump")
        assert len(caught.value.problems) == 2
        assert third.events() == ()


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="no event store"):
        EventStore(tmp_path / "none.duckdb")
    text = tmp_path / "text.duckdb"
    text.write_text("not a database, but long enough to be read as one" * 100)
    before = text.read_bytes()
    with pytest.raises(InputError, match="not an event store"):
        EventStore(text)
    assert text.read_bytes() == before
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as db:
        db.execute("create table mine (a integer)")
    with pytest.raises(InputError, match="other tables"):
        EventStore(other)
    with EventStore(tmp_path / "later.duckdb", create=True) as store:
        store._db.execute("update schema_version set version = 99")
    with pytest.raises(InputError, match="later kaname"):
        EventStore(tmp_path / "later.duckdb")
