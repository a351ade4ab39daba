"""`kaname data coverage` and its Python twin: which materials are covered, at which stages, how well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kaname.baseline import BASE_YEAR
from kaname.data import store
from kaname.data.contracts import STAGES
from kaname.terms.errors import InputError, Problem

Row = Mapping[str, Any]
MATERIAL_STAGES = STAGES[:5]  # those that hold materials in tonnes


@dataclass(frozen=True)
class CoveredStage:
    """One element at one stage: what there is of it in the tables of a base year.

    Shares are of the output in tonnes, by the grade of its figures; None without output. `trade` is own (a
    code of its own), shared (a code that holds other products too) or none. `price` is the grade of the
    cited prices: reported, assumed or none. `process_lines` and `use_lines` count recipe lines that feed it
    to a next stage or to an industry; `reserves` the national stocks; `cover_days` the stock that users are
    assumed to hold, over the products.
    """

    element: str
    stage: str
    products: tuple[str, ...]
    makers: int
    observed_share: float | None
    estimated_share: float | None
    assumed_share: float | None
    output_rows: int
    trade: str
    codes: tuple[str, ...]
    price: str
    process_lines: int
    use_lines: int
    use_keys: int
    reserves: int
    cover_days: float

    @property
    def grade(self) -> str:
        """Return the grade that most of the output has; missing without output."""
        shares = {"observed": self.observed_share, "estimated": self.estimated_share}
        shares["assumed"] = self.assumed_share
        known = {name: share for name, share in shares.items() if share is not None}
        return max(known, key=lambda name: known[name]) if known else "missing"

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self) | {"grade": self.grade}


@dataclass(frozen=True)
class ListedMaterial:
    """One material of a list of critical raw materials, and what of ours covers it.

    `state` is covered, group (counted within a group of elements), partly (some elements are not there) or
    missing; `why` says what is not there.
    """

    list: str
    material: str
    state: str
    elements: tuple[str, ...]
    stages: tuple[str, ...]
    products: tuple[str, ...]
    why: str

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Coverage:
    """The matrix of elements and stages, and the lists of critical materials held against it."""

    year: int
    stages: tuple[CoveredStage, ...]
    listed: tuple[ListedMaterial, ...]

    @property
    def elements(self) -> tuple[str, ...]:
        """Return the elements in the order of the product table."""
        return tuple(dict.fromkeys(row.element for row in self.stages))

    @property
    def unlisted(self) -> tuple[str, ...]:
        """Return the elements that no list names."""
        named = {element for row in self.listed for element in row.elements}
        return tuple(element for element in self.elements if element not in named)

    def by_list(self) -> tuple[dict[str, Any], ...]:
        """Return a row per list: how many materials it has, how many are covered and how, the missing."""
        found = []
        for name in dict.fromkeys(row.list for row in self.listed):
            rows = [row for row in self.listed if row.list == name]
            states = Counter(row.state for row in rows)
            there = [row for row in rows if row.state != "missing"]
            found.append(
                {
                    "list": name,
                    "materials": len(rows),
                    "covered": states["covered"] + states["group"] + states["partly"],
                    "in_groups": states["group"],
                    "partly": states["partly"],
                    "two_stages_or_more": sum(len(row.stages) > 1 for row in there),
                    "stages": sum(len(row.stages) for row in there),
                    "missing": tuple(row.material for row in rows if row.state == "missing"),
                }
            )
        return tuple(found)

    @property
    def headline(self) -> str:
        """Return one sentence: elements, stages, and how much of each list is covered."""
        lists = [f"{row['list']} {row['covered']} of {row['materials']}" for row in self.by_list()]
        assumed = sum(row.grade == "assumed" for row in self.stages)
        products = sum(len(row.products) for row in self.stages)
        return (
            f"{self.year}: {len(self.elements)} materials at {len(self.stages)} stages ({products} products)"
            f" cover of the critical lists {', '.join(lists)}; at {assumed} stages most of the output is"
            " assumed."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "year": self.year,
            "headline": self.headline,
            "stages": [row.as_dict() for row in self.stages],
            "lists": list(self.by_list()),
            "listed": [row.as_dict() for row in self.listed],
            "on_no_list": list(self.unlisted),
        }


def data_coverage(year: int = BASE_YEAR, root: Path | None = None) -> Coverage:
    """Return what the own tables hold of each element and stage, against three lists of critical materials.

    `year` is that of the output. Raises InputError for a year without any output, DataMissing, TableError.
    """
    names = ("products", "trade_codes", "production", "recipes", "use_keys", "reserves", "critical_lists")
    tables: dict[str, list[Row]] = {name: store.own_table(name, root).to_pylist() for name in names}
    years = sorted({int(row["year"]) for row in tables["production"]})
    if year not in years:
        raise InputError(Problem(f"no output for {year}", "--year", str(year), ", ".join(map(str, years))))
    tables["production"] = [row for row in tables["production"] if int(row["year"]) == year]
    materials = [row for row in tables["products"] if row["unit"] == "t" and row["element"]]
    keys = dict.fromkeys((row["element"], row["stage"]) for row in materials)
    stages = tuple(
        _stage(
            element, stage, [r for r in materials if (r["element"], r["stage"]) == (element, stage)], tables
        )
        for element, stage in keys
    )
    listed = tuple(_listed(row, stages) for row in tables["critical_lists"])
    return Coverage(year, stages, listed)


def _stage(
    element: str, stage: str, products: Sequence[Row], tables: Mapping[str, Sequence[Row]]
) -> CoveredStage:
    """Return what the tables hold of the products of one element and stage."""
    ids = {row["product"] for row in products}
    output = [
        r for r in tables["production"] if r["product"] in ids and float(r["production_t"] or 0.0) > 0.0
    ]
    lines = [row for row in tables["recipes"] if row["input"] in ids]
    codes = {row["hs"] for row in tables["trade_codes"] if row["product"] in ids}
    default: dict[str, set[str]] = {code: set() for code in codes}
    for row in tables["trade_codes"]:
        if row["hs"] in codes and row["exporter"] == "*":
            default[row["hs"]].add(row["product"])
    own = any(len(names) == 1 and names <= ids for names in default.values())
    return CoveredStage(
        element,
        stage,
        tuple(row["product"] for row in products),
        len({row["market"] for row in output}),
        *_grades(output),
        len(output),
        "none" if not codes else "own" if own else "shared",
        tuple(sorted(codes)),
        _price(products),
        sum(row["input_per_output"] is not None for row in lines),
        sum(row["use_share"] is not None for row in lines),
        sum(row["product"] in ids for row in tables["use_keys"]),
        sum(row["product"] in ids for row in tables["reserves"]),
        sum(float(row["cover_days"]) for row in products) / len(products),
    )


def _grades(output: Sequence[Row]) -> tuple[float | None, float | None, float | None]:
    """Return the shares of output whose figures are observed (or reported), estimated and assumed."""
    total = sum(float(row["production_t"]) for row in output)
    if total <= 0.0:
        return None, None, None
    sums: Counter[str] = Counter()
    for row in output:
        sums["observed" if row["grade"] == "reported" else row["grade"]] += row["production_t"]
    return sums["observed"] / total, sums["estimated"] / total, sums["assumed"] / total


def _price(products: Sequence[Row]) -> str:
    """Return whether the prices of some products are reported, assumed or not there; the worst counts."""
    states = []
    for row in products:
        source = str(row["price_source"] or "").strip().lower()
        if row["price_kusd_per_t"] is None:
            states.append("none")
        else:
            ours = not source or source.startswith("assumed") or "from memory" in source
            states.append("assumed" if ours else "reported")
    return max(states, key=("reported", "assumed", "none").index)


def _listed(row: Row, stages: Sequence[CoveredStage]) -> ListedMaterial:
    """Return what covers one material of a list."""
    wanted = [part.strip() for part in row["elements"].split(";") if part.strip()]
    hits = [s for s in stages if s.element in wanted and row["stage"] in (None, s.stage)]
    absent = [element for element in wanted if element not in {hit.element for hit in hits}]
    state = "covered" if row["told_apart"] else "group"
    why = "" if row["told_apart"] else "counted within a group: " + ", ".join(wanted)
    if absent:
        state = "partly" if hits else "missing"
        stage = f" as {row['stage']}" if row["stage"] else ""
        why = f"no product holds {', '.join(absent)}{stage}" + (
            f"; {row['if_missing']}" if row["if_missing"] else ""
        )
    return ListedMaterial(
        row["list"],
        row["material"],
        state,
        tuple(wanted),
        tuple(dict.fromkeys(hit.stage for hit in hits)),
        tuple(product for hit in hits for product in hit.products),
        why,
    )
