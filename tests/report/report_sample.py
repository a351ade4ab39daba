"""A report as the flagship study makes it, with invented numbers: the sample of the tests of all faces."""

# ruff: noqa: E501 - tables of data read best one row a line

from __future__ import annotations

import math
from datetime import date, timedelta

from kaname.report.chartspec import (
    Bar,
    BarSpec,
    Flow,
    HeatSpec,
    Line,
    MapSpec,
    Marker,
    SankeySpec,
    Swing,
    TimelineSpec,
    TornadoSpec,
)
from kaname.report.model import (
    AssumptionRow,
    BasisShares,
    CaseView,
    CauseNode,
    ReportModel,
    ShortfallRow,
    SourceRow,
)

START = date(2026, 1, 6)
WEEKS = 52
DATES = tuple((START + timedelta(weeks=i)).isoformat() for i in range(WEEKS))
CASES = (
    ("military-only", "Military end users only", 0.12),
    ("licences-slowed", "Civilian licences slowed", 0.35),
    ("full-stop-japan", "Full stop to Japan", 0.62),
    ("full-stop-allies", "Full stop to Japan and the United States", 0.7),
)
INDUSTRIES = (
    ("JPN/defence", "Japan, defence", "missiles", "Joint air-to-air missile and interceptor line", "use", 6),
    (
        "USA/defence",
        "United States, defence",
        "missiles",
        "Joint air-to-air missile and interceptor line",
        "use",
        14,
    ),
    ("JPN", "Japan", "magnets", "Sintered neodymium magnets", "part", 9),
    ("JPN", "Japan", "motors", "Traction and servo motors", "use", 11),
    ("JPN", "Japan", "vehicles", "Vehicles", "use", 16),
    ("JPN", "Japan", "electronics", "Electronics and optics", "use", 20),
)


def curve(depth: float, first: int) -> tuple[float, ...]:
    """Return use over the weeks in per cent: undisturbed, then falling towards 1 - depth, then half recovered."""
    out = []
    for week in range(WEEKS):
        fall = 0.0 if week < first else depth * (1 - math.exp(-(week - first) / 6))
        out.append(round(100 * (1 - fall * (1 - 0.5 * max(0, week - 34) / 18)), 2))
    return tuple(out)


def timeline(title: str, depth: float, names: tuple[str, ...]) -> TimelineSpec:
    """Return a timeline with one line per name, each a little deeper."""
    lines = []
    for i, name in enumerate(names):
        central = curve(depth * (1 - 0.18 * i), 6 + 3 * i)
        low = tuple(max(0.0, v - (100 - v) * 0.35) for v in central)
        high = tuple(v + (100 - v) * 0.3 for v in central)
        lines.append(
            Line(name, central, low, high, median=tuple((a + b) / 2 for a, b in zip(low, high, strict=True)))
        )
    return TimelineSpec(
        title,
        "Weekly use, undisturbed = 100",
        DATES,
        tuple(lines),
        "index",
        100.0,
        (
            Marker("2026-01-06", "block announced"),
            Marker("2026-11-10", "suspension of the October 2025 controls ends"),
        ),
    )


def sankey(loss: float) -> SankeySpec:
    """Return mine -> refine -> part -> use with the Chinese and Japanese paths cut by `loss`."""
    keep = 1 - loss
    names = {
        "m-chn": "China, mines",
        "m-aus": "Australia, mines",
        "m-usa": "United States, mines",
        "r-chn": "China, refining",
        "r-mys": "Malaysia, refining",
        "r-usa": "United States, refining",
        "p-chn": "China, magnets",
        "p-jpn": "Japan, magnets",
        "u-veh": "Japan, vehicles",
        "u-mot": "Japan, motors",
        "u-def": "Japan, missiles and interceptors",
        "u-row": "Rest of the world",
    }
    flows = (
        Flow("m-chn", "r-chn", 60000),
        Flow("m-usa", "r-chn", 9000 * keep),
        Flow("m-usa", "r-usa", 4000, "estimated"),
        Flow("m-aus", "r-mys", 9500),
        Flow("r-chn", "p-chn", 52000),
        Flow("r-chn", "p-jpn", 9000 * keep, "estimated"),
        Flow("r-mys", "p-jpn", 5500, "estimated"),
        Flow("r-usa", "p-jpn", 300, "assumed"),
        Flow("p-chn", "u-row", 44000),
        Flow("p-chn", "u-mot", 5000 * keep),
        Flow("p-jpn", "u-veh", 8200 * (0.4 + 0.6 * keep), "estimated"),
        Flow("p-jpn", "u-mot", 4600 * (0.5 + 0.5 * keep), "estimated"),
        Flow("p-jpn", "u-def", 60 * keep, "assumed"),
    )
    return SankeySpec(
        "Neodymium and praseodymium, mine to use",
        "Tonnes of contained oxide a year",
        (
            ("m-chn", "m-usa", "m-aus"),
            ("r-chn", "r-mys", "r-usa"),
            ("p-chn", "p-jpn"),
            ("u-row", "u-veh", "u-mot", "u-def"),
        ),
        names,
        flows,
        "t",
        ("m-chn", "r-chn", "p-chn"),
        None
        if loss == 0
        else {"p-jpn": 0.62 * loss, "u-veh": 0.6 * loss, "u-mot": 0.8 * loss, "u-def": loss},
    )


def shortfall(index: int, depth: float) -> ShortfallRow:
    """Return the row of one industry; the last one never runs short in mild cases."""
    market, market_name, product, product_name, stage, first = INDUSTRIES[index]
    never = depth < 0.3 and index > 2
    worst = 1.0 if never else 1 - depth * (1 - 0.1 * index)
    lost = 0.0 if never else depth * (0.6 - 0.07 * index)

    def when(week: int) -> str:
        return (START + timedelta(weeks=week)).isoformat()

    return ShortfallRow(
        market,
        market_name,
        product,
        product_name,
        stage,
        None if never else when(first),
        None if never else when(first - 3),
        None if never else when(first + 1),
        None if never or index == 5 else when(first + 6),
        None if never else first * 7,
        0.92 if never else 0.04 * index,
        worst,
        worst * 0.8,
        worst * 0.98,
        min(1.0, worst * 1.1),
        lost,
        lost * 0.7,
        lost * 1.02,
        min(1.0, lost * 1.3),
        *(None if index == 1 else lost * factor * 9.4e6 for factor in (1.0, 0.7, 1.02, 1.3)),
        "modelled" if index else "assumed",
        tuple(v / 100 for v in curve(0.0 if never else depth * (1 - 0.1 * index), first)),
    )


def cause() -> tuple[tuple[str, CauseNode], ...]:
    """Return one tree whose children add up, with an offset."""
    leaves = (
        CauseNode("Ban on Chinese magnets", 0.41, 1230.0, "t", "restriction"),
        CauseNode(
            "Japanese magnet makers short of metal",
            0.52,
            1560.0,
            "t",
            "input",
            (
                CauseNode("Chinese metal licences stopped", 0.47, 1410.0, "t", "restriction"),
                CauseNode("Malaysian refining at capacity", 0.05, 150.0, "t", "capacity"),
            ),
        ),
        CauseNode("Own orders lower", 0.19, 570.0, "t", "demand"),
        CauseNode("National reserve released", -0.12, -360.0, "t", "reserve"),
    )
    return (
        (
            "Why Japan loses magnets",
            CauseNode("Lost use of magnets in Japan", 1.0, 3000.0, "t", "input", leaves),
        ),
    )


def tornado(depth: float) -> TornadoSpec:
    """Return four swings around the headline result, one with both ends on one side."""
    mid = depth * 14e6
    return TornadoSpec(
        "What the total depends on",
        "Value of lost output over 52 weeks, one assumption moved at a time",
        mid,
        (
            Swing("Days of magnet stock in Japan", "30 days", "90 days", mid * 1.35, mid * 0.7),
            Swing("Rationing threshold psi", "0.3", "0.7", mid * 0.85, mid * 1.22),
            Swing("Share re-placed with other suppliers", "0.1", "0.5", mid * 1.12, mid * 0.93),
            Swing("Leakage from civilian to defence users", "0", "1", mid * 1.05, mid * 1.02),
        ),
        "kUSD",
    )


def case(index: int) -> CaseView:
    """Return one of the four cases."""
    ident, title, depth = CASES[index]
    value = depth * 14e6
    return CaseView(
        ident,
        title,
        f"{title}: Japan's magnet makers run short from week 10 and {depth * 60:.0f} % of a year's output is lost; "
        "the week depends on stock days.",
        "China stops exports of dual-use goods from 6 January 2026. Third countries keep selling what they sold.",
        tuple(shortfall(i, depth) for i in range(len(INDUSTRIES))),
        (
            timeline(
                "Magnets and motors in Japan",
                depth,
                ("Sintered neodymium magnets", "Traction and servo motors"),
            ),
            timeline(
                "Using industries in Japan",
                depth * 0.8,
                ("Joint air-to-air missile and interceptor line", "Vehicles", "Electronics and optics"),
            ),
        ),
        value,
        value * 0.62,
        value * 1.08,
        value * 1.44,
        BasisShares(0.46, 0.33, 0.21),
        (
            "days of magnet stock in Japan (30 to 90)",
            "rationing threshold psi (0.3 to 0.7)",
            "re-placed share rho",
        ),
        tornado(depth),
        sankey(0.0),
        sankey(depth),
        cause(),
        (AssumptionRow("Enforcement in third countries", "0.5", "0 to 1", "C", "no public measurement"),),
    )


def sample_model() -> ReportModel:
    """Return the whole sample report."""
    heat_rows = tuple(dict.fromkeys(f"{name}: {product}" for _, name, _, product, _, _ in INDUSTRIES))
    cells = tuple(
        tuple(
            None if i == 5 and j == 0 else shortfall(i, CASES[j][2]).lost_output_share
            for j in range(len(CASES))
        )
        for i in range(len(INDUSTRIES))
    )
    shares: dict[str, float | None] = {
        "JPN": 0.62, "USA": 0.71, "KOR": 0.88, "DEU": 0.83, "FRA": 0.55, "GBR": 0.41, "AUS": 0.9, "IND": 0.93,
        "VNM": 0.97, "THA": 0.94, "MYS": 0.6, "ITA": 0.5, "MEX": 0.77, "CAN": 0.38, "TWN": 0.66, "SGP": 0.3,
        "BRA": 0.84, "NLD": 0.72, "PHL": 0.2, "IDN": 0.08, "RUS": None, "HKG": 0.99, "ZAF": 0.8, "SWE": 0.12,
    }  # fmt: skip
    exposure: tuple[dict[str, object], ...] = (
        {
            "product": "Rare-earth metals", "hs": "280530", "import_share": 0.620, "import_share_value": 0.241,
            "import_share_balanced": 0.604, "consumption_share": 0.55, "hhi": 0.49, "cover_days": 60,
            "spare_capacity_t": 1240.0, "basis": "observed", "imputed": False,
        },
        {
            "product": "Natural graphite, powder or flakes", "hs": "250410", "import_share": 0.838,
            "import_share_value": 0.81, "import_share_balanced": 0.83, "consumption_share": None, "hhi": 0.71,
            "cover_days": 45, "spare_capacity_t": None, "basis": "estimated", "imputed": True,
        },
    )  # fmt: skip
    return ReportModel(
        title="China's export block of January 2026",
        headline="If China stops all dual-use exports to Japan, magnet makers run short in week 10 and 37 % of a "
        "year's magnet output is lost.",
        question="Can the joint missile and interceptor lines, and Japan's magnet, motor, electronics and vehicle "
        "makers, be fed under the block of January 2026, until which week, and why?",
        subtitle="As of 6 January 2026; base year 2024; horizon 52 weeks; 200 draws; seed 1",
        answers=(
            (
                "Joint missile and interceptor line, Japan",
                "Fed until week 4\N{EN DASH}13; stock days decide the week.",
            ),
            (
                "Magnet makers, Japan",
                "Fed until week 7\N{EN DASH}16 under a full stop; never short under case 1.",
            ),
            ("Vehicle makers, Japan", "Fed until week 14\N{EN DASH}23; output falls to 63 % at worst."),
        ),
        cases=tuple(case(i) for i in range(len(CASES))),
        case_bars=BarSpec(
            "Value of lost output by case",
            "Sum over the targeted markets, 52 weeks, with the 5 to 95 % band",
            tuple(Bar(title, d * 14e6, d * 8.7e6, d * 20e6, median=d * 15e6) for _, title, d in CASES),
            "kUSD",
        ),
        heat=HeatSpec(
            "Share of a year's output lost",
            "Industries by case; hatched: no data",
            heat_rows,
            tuple(title for _, title, _ in CASES),
            cells,
            "share",
        ),
        exposure_map=MapSpec(
            "Share of rare-earth imports that comes from China",
            "By weight, 2024, HS 280530 and 284690",
            shares,
            "share of imports",
            "neutral",
            ("CHN",),
            ("JPN", "USA"),
        ),
        exposure_rows=exposure,
        controls=(
            AssumptionRow("Gallium, germanium", "licence", "since 1 Aug 2023", "A", "MOFCOM notice 23/2023"),
        ),
        assumptions=(
            AssumptionRow("kappa, order ceiling", "2", "1.5 to 3", "assumed", "docs/model.md"),
            AssumptionRow(
                "cover, days of use in stock", "by product", "x 0.5 to 1.5", "assumed", "docs/model.md"
            ),
        ),
        sources=(
            SourceRow(
                "BACI",
                "CEPII",
                "202601, HS17",
                "Etalab 2.0",
                "2026-01-22",
                "ab" * 32,
                "trade by weight and value",
            ),
            SourceRow(
                "Mineral commodity summaries",
                "USGS",
                "2026",
                "public domain",
                "2026-02-01",
                "cd" * 32,
                "mining",
            ),
        ),
        flags=(
            "HS 284690, 2024: 3 % of Japan's imports have no reported origin.",
            "Spain 2023: unit value screened.",
        ),
        limits=("No prices in this version.", "No backlog: what is not used in a week is lost."),
        manifest={
            "seed": 1,
            "version": "0.1.0",
            "hashes": {"network": "ef" * 32, "scenario": "12" * 32},
            "lanes": 14210,
        },
    )
