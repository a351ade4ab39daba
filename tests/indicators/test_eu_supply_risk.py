"""The EU's supply risk: the published scores of 2017, hand cases, laws, bad files, our own concentrations."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.data import store
from kaname.data.eu_materials import materials_named
from kaname.indicators import eu_supply_risk as method
from kaname.supply_risk import ScoreRow, agreement, score_file, supply_risk
from kaname.terms.errors import DataMissing, InputError, TableError

HEADER = "material,stage,SR,IR,EoL_RIR,scope,SI_SR,HHI_GS,HHI_EU"
Scored = Callable[..., tuple[ScoreRow, ...]]


@pytest.fixture
def scored(tmp_path: Path) -> Scored:
    """Return a function that scores lines of a file; the header may be another."""

    def score(*lines: str, header: str = HEADER) -> tuple[ScoreRow, ...]:
        path = tmp_path / "inputs.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return score_file(path)

    return score


# --- what the Commission published in 2017 --------------------------------------------------------


def test_the_published_scores_of_2017_come_from_their_inputs(shared_data: Path) -> None:
    """All 39 materials with inputs agree; the fortieth row is a group, printed without any."""
    rows = score_file(shared_data / "eu_crm" / "method_2017_inputs_and_scores.csv")
    assert len(rows) == 40
    assert [row.material for row in rows if not row.agrees] == ["LREEs"]
    (group,) = (row for row in rows if row.material == "LREEs")
    assert (group.sr, group.sr_low, group.sr_high, group.agrees) == (None, None, None, None)
    assert "no figure for HHI_GS, HHI_EU, SI_SR" in str(group.missing)
    assert "Cerium, Neodymium" in str(group.missing)
    for row in rows:
        if row.sr is not None:
            assert row.sr_low <= row.sr <= row.sr_high
            assert row.sr_high - row.sr_low < 0.75, "a range that holds anything proves nothing"


def test_each_printed_score_of_one_supply_agrees_too(shared_data: Path, tmp_path: Path) -> None:
    """The study also prints the scores of each supply and of both: put each in the place of SR."""
    path = shared_data / "eu_crm" / "method_2017_inputs_and_scores.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    head = lines[0]
    compared = 0
    for column, scope in (("SR_GS", "GS only"), ("SR_EU", "EUS only"), ("SR_both", "GS + EUS")):
        other = [head, *([*line] for line in lines[1:])]
        for line in other[1:]:
            line[head.index("SR")], line[head.index("scope")] = line[head.index(column)], scope
        file = tmp_path / f"{column}.csv"
        file.write_text("\n".join(",".join(line) for line in other), encoding="utf-8")
        found = [row for row in score_file(file) if row.agrees is not None]
        assert [row.material for row in found if not row.agrees] == []
        compared += len(found)
    assert compared == 39 + 38 + 38


def test_the_scores_do_not_look_at_the_answer(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "eu_crm" / "method_2017_inputs_and_scores.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    keep = [
        lines[0].index(name) for name in ("material", "IR", "EoL_RIR", "scope", "SI_SR", "HHI_GS", "HHI_EU")
    ]
    bare = tmp_path / "bare.csv"
    bare.write_text("\n".join(",".join(line[i] for i in keep) for line in lines), encoding="utf-8")
    with_answers = {row.material: (row.sr, row.sr_low, row.sr_high) for row in score_file(path)}
    assert {row.material: (row.sr, row.sr_low, row.sr_high) for row in score_file(bare)} == with_answers
    assert all(row.agrees is None for row in score_file(bare))


def test_our_own_table_of_inputs_gives_the_published_scores() -> None:
    """The same from the tables that kaname brings, so that it is checked on any machine."""
    inputs = [row for row in store.own_table("eu_inputs").to_pylist() if row["hhi_gs"] is not None]
    published = {
        (row["material"], row["year"]): row["sr"] for row in store.own_table("eu_scores").to_pylist()
    }

    def ends(name: str, half: float, most: float) -> tuple[method.Floats, method.Floats]:
        values = np.array([np.nan if row[name] is None else row[name] for row in inputs])
        return np.clip(values - half, 0.0, most), np.clip(values + half, 0.0, most)

    names = (("hhi_gs", 0.05, 20.0), ("hhi_eu", 0.05, 20.0), ("import_reliance", 0.005, 1.0))
    pairs = [ends(*one) for one in (*names, ("eol_rir", 0.005, 1.0), ("si_sr", 0.05, 1.0))]
    scope = np.array([row["scope"] for row in inputs])
    low, high = (method.Inputs(*(pair[end] for pair in pairs), scope) for end in (0, 1))
    scores = np.array([published[row["material"], 2017] for row in inputs])
    assert len(scores) == 39
    assert method.agrees(scores - 0.05, scores + 0.05, *method.interval(low, high)).all()


# --- hand cases -----------------------------------------------------------------------------------


def test_a_score_by_hand(scored: Scored) -> None:
    (row,) = scored("Antimony,Processing,4.3,100,28,GS + EUS,0.9,7.1,5.7")
    assert row.sr == pytest.approx((7.1 / 2 + 5.7 / 2) * 0.72 * 0.9)
    assert row.sr_low == pytest.approx((7.05 * 0.4975 + 5.65 * 0.5025) * 0.715 * 0.85)
    assert row.sr_high == pytest.approx((7.15 + 5.75) / 2 * 0.725 * 0.95)
    assert (row.sr_gs, row.sr_eu) == (pytest.approx(7.1 * 0.72 * 0.9), pytest.approx(5.7 * 0.72 * 0.9))
    assert (row.agrees, row.missing, row.notes) == (True, None, ())
    assert json.dumps(row.as_dict(), allow_nan=False)


def test_the_scope_decides_what_counts(scored: Scored) -> None:
    lines = [f"{name},Processing,1.6,96,1,{name},1.0,1.7,1.3" for name in ("GS only", "EUS only", "GS + EUS")]
    world, union, both = scored(*lines)
    assert world.sr == pytest.approx(1.7 * 0.99)
    assert union.sr == pytest.approx(1.3 * 0.99)
    assert both.sr == pytest.approx((1.7 * 0.48 + 1.3 * 0.52) * 0.99)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("GS+EUS", "GS + EUS"),
        ("gs and eus", "GS + EUS"),
        ("both", "GS + EUS"),
        ("Global supply only", "GS only"),
        ("GS", "GS only"),
        ("EU only", "EUS only"),
        ("EU sourcing", "EUS only"),
    ],
)
def test_a_scope_may_be_written_in_many_ways(scored: Scored, text: str, scope: str) -> None:
    assert scored(f"A,E,,50,0,{text},1,1,2")[0].scope == scope


@pytest.mark.parametrize(
    ("world", "union", "scope"),
    [
        ("2.4", "", "GS only"),
        ("2.4", "-", "GS only"),
        ("", "0.3", "EUS only"),
        ("1.1", "0.3", "GS + EUS"),
        ("1.9", "0.0", "GS only"),  # platinum metals of 2017: no concentration is exactly 0
        ("0.0", "0.0", "GS + EUS"),
        ("", "", ""),
    ],
)
def test_without_a_scope_the_concentrations_tell_and_it_is_said(
    scored: Scored, world: str, union: str, scope: str
) -> None:
    (row,) = scored(f"A,50,10,0.9,{world},{union}", header="material,IR,EoL_RIR,SI_SR,HHI_GS,HHI_EU")
    assert row.scope == scope
    assert any("inferred" in note for note in row.notes) == bool(scope)
    assert (row.sr is None) == (not scope)


@pytest.mark.parametrize("text", ["", "-", "–", "n/a", "NaN", "."])
def test_missing_is_missing_with_its_reason(scored: Scored, text: str) -> None:
    if text == ".":
        with pytest.raises(TableError, match="column IR: no number"):
            scored(f"A,E,,{text},10,GS + EUS,0.9,2.0,1.0")
        return
    both, world = scored(f"A,E,1,{text},10,GS + EUS,0.9,2.0,1.0", f"B,E,1.8,{text},10,GS only,0.9,2.0,1.0")
    assert (both.sr, both.agrees, both.ir_share) == (None, None, None)
    assert both.missing == "no figure for IR"
    assert both.sr_gs == pytest.approx(1.62)
    assert (world.sr, world.missing) == (pytest.approx(2.0 * 0.9 * 0.9), None)
    for column in range(4, 9):
        cells = ["A", "E", "1", "50", "10", "GS + EUS", "0.9", "2.0", "1.0"]
        if column != 5:
            cells[column] = text
            (row,) = scored(",".join(cells))
            assert row.sr is None
            assert row.missing


def test_cells_as_people_print_them(scored: Scored) -> None:
    cells = ["85%", "85 %", "85", "85.0", "８５", '"85,0"']
    rows = scored(*(f"M{i},E,,{cell},0,GS + EUS,1.0,1.0,2.0" for i, cell in enumerate(cells)))
    assert {(row.ir_share, row.sr_low, row.sr_high) for row in rows} == {
        (rows[0].ir_share, rows[0].sr_low, rows[0].sr_high)
    }
    (row,) = scored("A;E;;85%;<1%;GS + EUS;0,93;1,0;2,05", header=HEADER.replace(",", ";"))
    assert (row.eol_rir_share, row.si_sr, row.hhi_eu) == (pytest.approx(0.005), 0.93, 2.05)
    assert any("EoL_RIR is printed as <1%" in note for note in row.notes)
    assert row.sr_low == pytest.approx((0.95 * 0.4275 + 2.045 * 0.5725) * 0.99 * 0.925, abs=1e-3)


def test_more_digits_make_a_narrower_range(scored: Scored) -> None:
    rough, fine = scored("A,E,,50,0,GS only,0.9,2.0,1.0", "B,E,,50,0,GS only,0.90,2.00,1.0")
    assert fine.sr_high - fine.sr_low < (rough.sr_high - rough.sr_low) / 2


def test_a_net_exporter_counts_as_no_imports(scored: Scored) -> None:
    minus, zero = scored("A,E,,-12,0,GS + EUS,1,3,1", "B,E,,0,0,GS + EUS,1,3,1")
    assert minus.sr == zero.sr == 1.0
    assert minus.ir_share == 0.0
    assert any("net exporter" in note for note in minus.notes)


def test_a_concentration_above_ten_is_said(scored: Scored) -> None:
    (row,) = scored("A,E,,100,0,GS only,1.0,11.2,")
    assert row.sr == pytest.approx(11.2)
    assert any("above 10" in note for note in row.notes)


def test_a_wrong_score_is_found(scored: Scored) -> None:
    (row,) = scored("Antimony,Processing,2.9,100,28,GS + EUS,0.9,7.1,5.7")
    assert row.agrees is False


def test_a_group_has_the_mean_of_its_elements(scored: Scored) -> None:
    names = ("Iridium", "Palladium", "Platinum", "Rhodium", "Ruthenium")
    lines = [f"{name},Processing,,100,0,GS only,1.0,{i}.0," for i, name in enumerate(names, 1)]
    group = scored(*lines, "PGMs,Processing,3.0,,,GS only,,,")[-1]
    assert (group.sr, group.agrees, group.missing) == (pytest.approx(3.0), True, None)
    assert any("mean of its 5 elements" in note for note in group.notes)
    assert scored(*lines[1:], "PGMs,Processing,3.0,,,GS only,,,")[-1].sr is None


# --- bad files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("A,E,,101,0,GS only,1,1,1", "column IR: out of range"),
        ("A,E,,50,120,GS only,1,1,1", "column EoL_RIR: out of range"),
        ("A,E,,50,-1,GS only,1,1,1", "column EoL_RIR: out of range"),
        ("A,E,,50,0,GS only,90,1,1", "column SI_SR: out of range"),
        ("A,E,,50,0,GS only,1,4100,1", "column HHI_GS: out of range"),
        ("A,E,,50,0,GS only,1,1,-0.1", "column HHI_EU: out of range"),
        ("A,E,,much,0,GS only,1,1,1", "column IR: no number"),
        ("A,E,,50,0,GS only,1,inf,1", "column HHI_GS: no number"),
        ("A,E,,50,0,GS only,1,50%,1", "column HHI_GS: no number"),
        ("A,E,high,50,0,GS only,1,1,1", "column SR: no number"),
        ("A,E,,50,0,none of it,1,1,1", "column scope: unknown"),
        (",E,,50,0,GS only,1,1,1", "column material: no name"),
        ("A,E,,50,0", "another number of cells"),
        ("A,E,,50,0,GS only,1,1,1\nA,E,,60,0,GS only,1,1,1", "stands twice"),
        ("A,E,,0.85,0,GS only,1,1,1\nB,E,,1.0,0,GS only,1,1,1", "shares where percent belongs"),
        ('A,"E,,50,0', "no CSV"),
    ],
)
def test_bad_cells_are_refused(scored: Scored, cells: str, words: str) -> None:
    with pytest.raises(TableError, match=words) as caught:
        scored(cells)
    assert caught.value.exit_code == 2
    assert caught.value.problems[0].where.endswith("inputs.csv")


def test_all_faults_come_at_once(scored: Scored) -> None:
    with pytest.raises(TableError) as caught:
        scored("A,E,,101,x,GS only,2,1,1", "B,E,,50,0,GS only,1,1,1", "C,E,,50,0,somewhere,1,-1,1")
    assert [problem.line for problem in caught.value.problems] == [2, 2, 2, 4, 4]
    with pytest.raises(TableError) as caught:
        scored("A,1", header="material,SI")
    assert [problem.expected for problem in caught.value.problems] == [
        "IR",
        "EoL_RIR",
        "SI_SR",
        "HHI_GS",
        "HHI_EU",
    ]


@pytest.mark.parametrize("text", ["", "\n\n", HEADER, HEADER + "\n,,,,,,,,\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match="the file is empty"):
        score_file(path)


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="no such file"):
        score_file(tmp_path / "absent.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(TableError, match="no UTF-8 text"):
        score_file(path)


# --- laws -----------------------------------------------------------------------------------------

SHARE = st.floats(0.0, 1.0)
HHI = st.floats(0.0, 12.0)
SCOPE = st.sampled_from([method.BOTH, method.GLOBAL, method.EU])
INPUTS = st.builds(
    lambda gs, eu, ir, eol, si, scope: method.Inputs(*(np.array([v]) for v in (gs, eu, ir, eol, si, scope))),
    HHI,
    HHI,
    SHARE,
    SHARE,
    SHARE,
    SCOPE,
)


@given(INPUTS, st.floats(0.0, 5.0), st.sampled_from(["hhi_gs", "hhi_eu"]))
def test_the_score_rises_with_concentration(inputs: method.Inputs, more: float, name: str) -> None:
    higher = replace(inputs, **{name: getattr(inputs, name) + more})
    assert method.scores(higher)[0] >= method.scores(inputs)[0] - 1e-12


@given(INPUTS, st.floats(0.0, 1.0))
def test_the_score_falls_with_recycling_and_substitution(inputs: method.Inputs, part: float) -> None:
    score = method.scores(inputs)[0]
    assert method.scores(replace(inputs, eol_rir=1.0 - (1.0 - inputs.eol_rir) * part))[0] <= score + 1e-12
    assert method.scores(replace(inputs, si_sr=inputs.si_sr * part))[0] <= score + 1e-12


@given(INPUTS)
def test_without_imports_the_eu_s_own_supply_alone_counts(inputs: method.Inputs) -> None:
    base = replace(inputs, scope=np.array([method.BOTH]), import_reliance=np.array([0.0]))
    assert method.scores(base) == method.scores(replace(base, scope=np.array([method.EU])))
    full = replace(base, import_reliance=np.array([1.0]))
    mean = (inputs.hhi_gs + inputs.hhi_eu) / 2.0
    assert method.scores(full) == pytest.approx(mean * (1.0 - inputs.eol_rir) * inputs.si_sr)
    assert method.scores(replace(base, import_reliance=np.array([-0.4]))) == method.scores(base)


@given(INPUTS, st.lists(st.floats(0.0, 0.1), min_size=5, max_size=5), st.lists(SHARE, min_size=5, max_size=5))
def test_the_range_holds_every_score_in_it(
    inputs: method.Inputs, widths: list[float], at: list[float]
) -> None:
    names = ("hhi_gs", "hhi_eu", "import_reliance", "eol_rir", "si_sr")
    high = {name: getattr(inputs, name) + width for name, width in zip(names, widths, strict=True)}
    high |= {name: np.minimum(high[name], 1.0) for name in names[2:]}
    within = {
        name: getattr(inputs, name) + part * (high[name] - getattr(inputs, name))
        for name, part in zip(names, at, strict=True)
    }
    lowest, highest = method.interval(inputs, replace(inputs, **high))
    score = method.scores(replace(inputs, **within))
    assert lowest[0] - 1e-9 <= score[0] <= highest[0] + 1e-9


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8), st.floats(0.0, 10.0), st.floats(0.5, 2.0))
def test_equal_governance_gives_the_plain_concentration(shares: list[float], wgi: float, t: float) -> None:
    plain = sum(share**2 for share in shares)
    count = len(shares)
    assert method.weighted_hhi(shares, [wgi] * count, [t] * count) == pytest.approx(plain * wgi * t)


def test_governance_runs_from_ten_to_zero() -> None:
    assert method.scaled_governance([-2.5, 0.0, 2.5, -3.1, 2.9]).tolist() == [10.0, 5.0, 0.0, 10.0, 0.0]
    assert np.isnan(method.scaled_governance([np.nan]))[0]


def test_materials_are_scored_together_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    columns = [rng.uniform(0, scale, 50) for scale in (10, 10, 1, 1, 1)]
    scope = np.array([method.BOTH, method.GLOBAL, method.EU])[rng.integers(0, 3, 50)]
    together = method.scores(method.Inputs(*columns, scope))
    for i in range(50):
        alone = method.Inputs(*(column[i : i + 1] for column in columns), scope[i : i + 1])
        assert method.scores(alone)[0] == together[i]
    nothing = method.Inputs(*columns, np.full(50, ""))
    assert np.isnan(method.scores(nothing)).all()


# --- the assessment of 2023 -----------------------------------------------------------------------


def test_concentrations_follow_the_shares() -> None:
    (row,) = supply_risk(product="magnesium")
    shares = [
        r
        for r in store.own_table("eu_supply_shares").to_pylist()
        if (r["scope"], r["material"]) == ("GS", "Magnesium")
    ]
    wgi = {r["iso3"]: r["estimate"] for r in store.governance(2020).to_pylist()}
    hhi = sum(r["share"] ** 2 * (2.5 - wgi[r["iso3"]]) * 2 * r["trade_parameter"] for r in shares)
    assert row.hhi_gs == pytest.approx(hhi)
    assert (row.material, row.stage, row.governance_year) == ("Magnesium", "processing", 2020)
    assert row.sr_gs == pytest.approx(hhi * 0.91 * 0.9)
    assert row.sr == pytest.approx((row.hhi_gs / 2 + row.hhi_eu / 2) * 0.91 * 0.9)
    assert row.sr_published == 4.1
    assert dict(row.sr_over_time) == {2011: 2.6, 2014: 2.5, 2017: 4.0, 2020: 3.9, 2023: 4.1}
    assert any("2017" in note for note in row.notes)


def test_what_is_missing_is_said_for_every_material() -> None:
    rows = supply_risk()
    assert len(rows) == 126
    assert len({row.material for row in rows}) == 88
    for row in rows:
        assert (row.sr is None) == (row.missing is not None)
        for hhi, covered in ((row.hhi_gs, row.covered_gs), (row.hhi_eu, row.covered_eu)):
            assert hhi is None or 0.0 < hhi <= 15.0
            assert hhi is None or covered >= 0.7
        assert json.dumps(row.as_dict(), allow_nan=False)
    by_key = {(row.material, row.stage): row for row in rows}
    chromium = by_key["Chromium", "extraction"]  # the study names 9% of the EU's chromium ore
    assert (chromium.hhi_eu, chromium.covered_eu) == (None, pytest.approx(0.09))
    assert any("too little" in note for note in chromium.notes)
    assert by_key["Xenon", "processing"].hhi_gs is None
    assert "no import reliance" in str(by_key["Gallium", "processing"].missing)


def test_ranks_agree_with_the_commission_s() -> None:
    found = agreement()
    assert (found["assessment"], found["governance_year"]) == (2023, 2020)
    assert found["materials"] == 25
    assert found["concentration_materials"] == 65
    assert found["spearman_rho"] == pytest.approx(0.83, abs=0.02)
    assert found["concentration_spearman_rho"] == pytest.approx(0.85, abs=0.02)
    assert found["median_abs_difference"] == pytest.approx(0.27, abs=0.03)
    assert "six governance indicators" in found["caveat"]


@pytest.mark.parametrize(
    ("product", "materials"),
    [
        ("Gallium", {"Gallium"}),
        ("GALLIUM", {"Gallium"}),
        ("gallium_refined", {"Gallium"}),
        ("gallium_crude", {"Gallium"}),
        ("ndpr_metal", {"Neodymium", "Praseodymium"}),
        ("PGMs", {"Iridium", "Palladium", "Platinum", "Rhodium", "Ruthenium"}),
        ("borates", {"Borate"}),
        ("boron", {"Borate"}),
        ("titanium_sponge", {"Titanium metal"}),
        ("titanium_mineral", {"Titanium"}),
        ("bauxite", {"Aluminium"}),
        ("phosphate_rock", {"Phosphate rock"}),
        ("phosphorus_white", {"Phosphorus"}),
        ("natural graphite", {"Natural graphite"}),
    ],
)
def test_a_material_or_a_product_may_be_asked_for(product: str, materials: set[str]) -> None:
    assert {row.material for row in supply_risk("EU", product)} == materials


def test_every_material_product_has_its_material_or_is_refused() -> None:
    known = {row["material"] for row in store.own_table("eu_supply_shares").to_pylist()}
    refused = set()
    materials = {row["product"] for row in store.own_table("products").to_pylist() if row["unit"] == "t"}
    for product in materials:
        try:
            assert {name for name, _ in materials_named(product, known)} <= known
        except InputError:
            refused.add(product)
    assert refused == {"magnets", "smco_magnets", "uranium"}


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ({"country": "JPN"}, InputError, "the EU alone"),
        ({"data": "balanced"}, InputError, "raw"),
        ({"product": "galium"}, InputError, "Did you mean Gallium"),
        ({"product": "uranium"}, InputError, "no material of the assessment"),
        ({"product": "motors"}, InputError, "no material of the assessment"),
        ({"year": 1997}, DataMissing, "1996 or 1998"),
    ],
)
def test_what_is_unknown_is_refused(asked: dict[str, object], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        supply_risk(**asked)
    if set(asked) == {"country"}:
        with pytest.raises(InputError) as caught:
            supply_risk("JPN", data="balanced")
        assert len(caught.value.problems) == 2
