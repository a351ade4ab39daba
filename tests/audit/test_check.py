"""What `kaname data check` finds in the embedded data: every kind, on the facts that made us look for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaname.audit.check import check_data, of_kind
from kaname.audit.findings import KINDS, DataCheck
from kaname.baseline import load_sources, screened_trade
from kaname.data import store
from kaname.data.guards import GUARDS
from kaname.data.mirror import COLUMNS
from kaname.terms.errors import DataMissing, InputError


@pytest.fixture(scope="module")
def found() -> DataCheck:
    return check_data()


def places(check: DataCheck, kind: str, product: str = "") -> set[str]:
    return {f.place for f in check.findings if f.kind == kind and product in ("", f.product)}


def test_every_kind_but_mirror_gaps_is_found_and_each_trap_has_one(found: DataCheck) -> None:
    assert set(found.counts) == set(KINDS) - {"mirror_gap"}
    assert {KINDS[kind].trap for kind in found.counts} == {guard.number for guard in GUARDS}
    assert sum(found.counts.values()) == len(found.findings)


def test_the_sentence_has_the_counts_and_the_note_says_why_there_are_no_mirror_gaps(found: DataCheck) -> None:
    for kind, count in found.counts.items():
        assert f"{count:,} {KINDS[kind].one if count == 1 else KINDS[kind].many}" in found.headline
    assert any("BACI" in note and "exporter and importer" in note for note in found.notes)


def test_findings_are_plain_and_in_order(found: DataCheck) -> None:
    plain = found.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    order = [list(KINDS).index(item.kind) for item in found.findings]
    assert order == sorted(order)
    for kind in found.counts:
        sizes = [item.size for item in found.largest(kind, len(found.findings))]
        assert sizes == sorted(sizes, reverse=True)
        assert all(item.sentence and item.method and item.year == 2024 for item in found.largest(kind, 5))


def test_changes_are_those_of_the_screen_with_old_and_new_value_and_method(found: DataCheck) -> None:
    _, screen = load_sources()
    changes = {(f"{c.exporter} to {c.importer}", c.hs): c for c in screen.changes}
    told = [item for item in found.findings if item.kind in ("imputed", "filled")]
    assert len(told) == len(changes)
    for item in told:
        change = changes[(item.place, item.hs)]
        assert (item.old, item.new, item.method) == (change.old_t, change.new_t, change.method)
        assert (item.kind == "filled") == (item.old is None)
    flagged = [item for item in found.findings if item.kind == "flagged"]
    assert len(flagged) == len(screen.flags)
    assert all(item.old == item.new for item in flagged)


def test_codes_that_were_given_up_are_empty_and_not_zero(found: DataCheck) -> None:
    empty = {item.hs: item for item in found.findings if item.kind == "empty_code"}
    assert {"811230", "250390", "283030"} <= set(empty)
    for item in empty.values():
        assert item.new is None
    assert empty["811230"].old == empty["283030"].old == 2006.0
    assert "full years 1995-2006, last row 2016" in empty["811230"].sentence
    assert "8112.92" in empty["811230"].method
    for code in empty:
        assert 2024 not in set(store.years_with_data(code)) - set(store.thin_years(code))


def test_tungsten_ore_is_used_less_than_nothing_at_many_nodes_before_the_balance(found: DataCheck) -> None:
    """Data trap 5: 30 of 62 by one count; naive apparent consumption is negative at a third and more."""
    negative = [f for f in found.findings if (f.kind, f.product) == ("negative", "tungsten_ore")]
    assert all(item.old is not None and item.old < 0.0 for item in negative)
    assert len(negative) > 20
    assert "SGP" in {item.place for item in negative}


def test_sources_that_disagree_are_both_shown(found: DataCheck) -> None:
    """Rare earths mined in Australia in 2024: 29.0 kt in one edition, 13.0 in another, 20.1 elsewhere."""
    disputed = {(f.place, f.product): f for f in found.findings if f.kind == "disagree"}
    item = disputed[("AUS", "ndpr_ore")]
    assert all(word in item.sentence for word in ("29000", "13000", "20.1"))
    assert item.old is not None
    assert item.new is not None
    assert item.old < item.new


def test_entrepots_export_what_they_do_not_make(found: DataCheck) -> None:
    assert {"NLD", "HKG", "SGP"} <= places(found, "hub")
    made = {
        (row["market"], row["product"])
        for row in store.own_table("production").to_pylist()
        if row["year"] == 2024 and row["production_t"] > 0.0
    }
    assert not made & {(f.place, f.product) for f in found.findings if f.kind == "hub"}


def test_trade_misleads_about_refining(found: DataCheck) -> None:
    """Data trap 4: a fifth of the trade in rare-earth metal against nine tenths of the output."""
    item = next(f for f in found.findings if (f.kind, f.product) == ("stage", "ndpr_metal"))
    assert item.place == "CHN"
    assert (item.old or 1.0) < 0.4
    assert (item.new or 0.0) > 0.8


def test_gross_weights_name_factor_and_source(found: DataCheck) -> None:
    item = next(f for f in found.findings if (f.kind, f.product) == ("gross_weight", "tungsten_ore"))
    assert item.old is not None
    assert item.new is not None
    assert f"x {item.new / item.old:.3g}" in item.method
    assert len(item.method) > 20


def test_stages_without_a_code_are_named(found: DataCheck) -> None:
    named = {item.product for item in found.findings if item.kind == "no_code"}
    assert {"gallium_refined", "magnets", "germanium_refined"} <= named
    assert "tungsten_ore" not in named


def test_taiwan_is_told(found: DataCheck) -> None:
    item = next(f for f in found.findings if (f.kind, f.place) == ("territory", "TWN"))
    assert "490" in item.sentence


@pytest.mark.parametrize(
    ("year", "place", "words"),
    [
        (1998, "BEL", "kept as one"),
        (2000, "BEL", "not taken"),
        (2005, "SCG", "kept as one"),
        (2013, "SDN", "not"),
    ],
)
def test_changes_of_territory_are_told_in_their_years(year: int, place: str, words: str) -> None:
    check = check_data(year)
    item = next(f for f in check.findings if (f.kind, f.place) == ("territory", place))
    assert words in item.method
    assert "negative" not in check.counts
    assert any(note.startswith("Only trade is checked") for note in check.notes)


def test_one_code_and_one_product() -> None:
    by_code = check_data(hs="261100")
    assert {item.hs for item in by_code.findings} <= {"261100", ""}
    assert {item.product for item in by_code.findings if item.product} == {"tungsten_ore"}
    by_product = check_data(product="tungsten_ore")
    assert by_product.counts == by_code.counts
    other = check_data(hs="270900")
    assert {"imputed", "flagged"} <= set(other.counts)
    screen = screened_trade(["270900"], 2024)
    assert other.counts["flagged"] == len(screen.flags)
    assert other.rows == screen.rows.num_rows
    hidden = check_data(product="gallium_refined")
    assert set(hidden.counts) <= {"no_code", "disagree", "negative"}


def test_an_empty_code_asked_for_is_a_finding_not_an_error() -> None:
    assert set(check_data(hs="811230").counts) == {"empty_code"}


def test_kinds_are_kept_apart() -> None:
    whole = check_data(product="tungsten_ore")
    only = of_kind(whole, "negative")
    assert only.counts == {"negative": whole.counts["negative"]}
    with pytest.raises(InputError, match="unknown kind"):
        of_kind(whole, "negatives")


def test_mirror_gaps_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    lines = [
        ",".join(COLUMNS),
        "CHN,JPN,export,280530,2024,1000,100",
        "JPN,CHN,import,280530,2024,1100,240",
        "CHN,KOR,export,284690,2024,1000,100",
        "CHN,KOR,export,280530,2023,1000,100",
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    check = check_data(hs="280530", mirror=path)
    assert check.counts["mirror_gap"] == 1
    assert (check.largest("mirror_gap")[0].old, check.largest("mirror_gap")[0].new) == (100.0, 240.0)
    assert not any("mirror" in note for note in check.notes)
    empty = check_data(year=2020, hs="280530", mirror=path)
    assert any("no report of 2020" in note for note in empty.notes)


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match="unknown product"):
        check_data(product="tungsten")
    with pytest.raises(InputError, match="exclude"):
        check_data(hs="261100", product="tungsten_ore")
    with pytest.raises(DataMissing, match="999999"):
        check_data(hs="999999")
    with pytest.raises(DataMissing, match="1900"):
        check_data(1900)
