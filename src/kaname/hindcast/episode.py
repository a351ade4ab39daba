"""An episode: a past restriction as it was announced, the base year, and what is to be scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from kaname.data.store import ROOT as DATA_ROOT
from kaname.hindcast.groups import GROUP_NAMES, group_fault
from kaname.network.traded import ENTREPOTS
from kaname.scenario import files
from kaname.scenario.ranges import Day, Evidence, Fault, Part, Ranged, Text, as_number, limit_faults
from kaname.scenario.resolve import nearest
from kaname.scenario.scenario import ExportRestriction, Selectors
from kaname.terms.errors import DataMissing, InputError, Problem

ELSEWHERE, ALL = "elsewhere", "all"
MOST_WEEKS = 1000  # that an episode may be simulated


class EpisodeProduct(Part):
    """A product of the episode: trade under some HS codes together, or figures given in the file."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")] = Field(
        description="Id: restrictions and flows name it; with `network: default` a product of the network."
    )
    name: str = Field(default="", description="Name shown to readers; by default the id.")
    hs: tuple[Text, ...] = Field(
        default=(), description="HS codes (edition 1992) whose trade is added up; none with `flows`."
    )
    stage: Literal["ore", "compound", "metal", "magnet", "component"] = Field(
        default="compound", description="Stage: decides how it travels (rule N6)."
    )


class EpisodeFlow(Part):
    """What one country sold another in the base year, where no trade code shows it."""

    product: Text = Field(description="Id of a product of the episode.")
    exporter: Text = Field(description="ISO 3166 alpha-3 code, or ROW for all others.")
    importer: Text = Field(description="ISO 3166 alpha-3 code.")
    tonnes: Annotated[float, Field(gt=0.0, strict=True)] = Field(description="Tonnes in the base year.")
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="Where the figure comes from.")


class Quota(Part):
    """An export quota in tonnes, as it was announced; it becomes a pooled quota on base trade (rule M7)."""

    exporter: Text = Field(description="Market id of the restricting country.")
    importers: Selectors = Field(default=("*",), description="Market ids, or '*' for all.")
    products: Selectors = Field(description="Product ids of the episode.")
    tonnes_per_year: Ranged = Field(
        description="Tonnes a year that may leave, in the terms of the trade data; a number or a range."
    )
    start: Day = Field(description="First day in force.")
    end: Day | None = Field(default=None, description="First day on which it no longer holds.")
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="Where this comes from.")
    note: str = Field(default="", description="Free text.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse negative tonnes, and an end before the start."""
        found = limit_faults("tonnes_per_year", raw.get("tonnes_per_year"), 0.0, 1e12)
        return found + _order_faults(raw)


class Observation(Part):
    """A figure to score against that the trade data do not hold: from a press report, or an agency."""

    importer: Text = Field(description="A country code, EU27 or WORLD.")
    origin: Text = Field(description="A country code, `elsewhere` (all but the restricted origin), or `all`.")
    start: Day = Field(description="First day of the window.")
    end: Day = Field(description="Last day of the window.")
    change: Annotated[float, Field(ge=-1.0, strict=True)] | None = Field(
        default=None,
        description="Change of the quantity against the base year's average over a window as long; -0.5 is "
        "half.",
    )
    unit_value: Annotated[float, Field(gt=0.0, strict=True)] | None = Field(
        default=None, description="Instead of a change: the price as a multiple of the base year's."
    )
    evidence: tuple[Evidence, ...] = Field(min_length=1, description="Where the figure comes from.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse windows that end before they start, unknown groups, and no figure or two."""
        found = _group_faults("importer", raw.get("importer")) + _order_faults(raw)
        given = [key for key in ("change", "unit_value") if raw.get(key) is not None]
        if len(given) != 1:
            found.append(Fault("change", "one figure", " and ".join(given) or "none", "change or unit_value"))
        if raw.get("unit_value") is not None and raw.get("origin") not in (ALL, None):
            found.append(Fault("origin", "a unit value is of all origins", str(raw["origin"]), "all"))
        return found


class Episode(Part):
    """A past episode: forward from the base year under the restriction as announced, scored by what came."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")] = Field(description="Short name.")
    title: Text = Field(description="Title shown to readers.")
    description: str = Field(default="", description="What happened, in a few sentences.")
    notes: tuple[str, ...] = Field(default=(), description="What a reader of the score has to know.")
    base_year: int = Field(ge=1995, le=2100, strict=True, description="The year before the episode.")
    origin: str = Field(
        default="", description="Country whose goods are restricted; by default the first exporter named."
    )
    network: Literal["trade", "default"] = Field(
        default="trade",
        description="trade: a network of the products from the trade (or `flows`) of the base year; "
        "default: kaname's own network, for products without a trade code.",
    )
    products: tuple[EpisodeProduct, ...] = Field(min_length=1, description="What is traded.")
    flows: tuple[EpisodeFlow, ...] = Field(
        default=(), description="Trade of the base year, instead of the trade data."
    )
    entrepots: tuple[Text, ...] = Field(
        default=ENTREPOTS, description="Countries whose exports are passed on from their imports (rule N3)."
    )
    start: Day | None = Field(
        default=None,
        description="First day simulated; by default that on which a measure is first announced or starts.",
    )
    restrictions: tuple[ExportRestriction, ...] = Field(
        default=(), description="Restrictions as in a scenario file."
    )
    quotas: tuple[Quota, ...] = Field(default=(), description="Quotas in tonnes.")
    importers: tuple[Text, ...] = Field(
        default=("JPN", "USA", "EU27", "WORLD"), description="Country codes, EU27 or WORLD; each is scored."
    )
    years: tuple[int, ...] = Field(
        default=(), description="Calendar years to show, each scored against the trade data."
    )
    headline_years: tuple[int, ...] = Field(
        default=(), description="The years of the headline error; by default all."
    )
    headline_importers: tuple[Text, ...] = Field(
        default=(), description="The importers of the headline error; by default all."
    )
    observed: tuple[Observation, ...] = Field(default=(), description="Figures that trade data do not hold.")
    evidence: tuple[Evidence, ...] = Field(default=(), description="Sources for the episode as a whole.")

    @classmethod
    def faults(cls, raw: Mapping[str, Any]) -> list[Fault]:
        """Refuse what leaves nothing to run or to score, and keys that do not go together."""
        found = _named_faults(raw)
        if not raw.get("restrictions") and not raw.get("quotas"):
            found.append(Fault("restrictions", "nothing is restricted", "nothing", "restrictions or quotas"))
        if not raw.get("years") and not raw.get("observed"):
            found.append(Fault("years", "nothing is scored", "nothing", "years, or observed figures"))
        base = as_number(raw.get("base_year"))
        for key in ("years", "headline_years"):
            years = [as_number(year) for year in raw.get(key) or ()]
            early = [year for year in years if year is not None and base is not None and year <= base]
            if early:
                got = ", ".join(f"{year:g}" for year in early)
                found.append(Fault(key, "a scored year is not after the base year", got, f"after {base:g}"))
        for key, among in (("headline_years", "years"), ("headline_importers", "importers")):
            extra = set(map(str, raw.get(key) or ())) - set(map(str, raw.get(among) or ()))
            if extra and raw.get(among) is not None:
                got = ", ".join(sorted(extra))
                found.append(Fault(key, f"what is in the headline is not among the {among}", got, among))
        for name in raw.get("importers") or ():
            found += _group_faults("importers", name)
        found += _span_faults(raw) + _origin_faults(raw)
        for key in ("importers", "years", "headline_years", "headline_importers"):
            for twice in _twice([str(item) for item in raw.get(key) or ()]):
                found.append(Fault(key, "stands twice, and would count twice", twice, "each once"))
        starts = [_as_day(_get(item, "start")) for item in raw.get("observed") or ()]
        before = [day for day in starts if day is not None and base is not None and day.year <= base]
        if before:
            got, expected = str(min(before)), f"after {base:g}"
            found.append(Fault("observed", "a figure is not after the base year", got, expected))
        return found

    @property
    def restricted_origin(self) -> str:
        """Return the country whose goods are restricted."""
        first = self.restrictions[0].exporter if self.restrictions else self.quotas[0].exporter
        return self.origin or first.split("/")[0]

    @property
    def begins(self) -> dt.date:
        """Return the first day simulated."""
        days = [item.announced or item.start for item in self.restrictions]
        return self.start or min([*days, *(quota.start for quota in self.quotas)])

    @property
    def ends(self) -> dt.date:
        """Return the last day that is scored."""
        days = [dt.date(year, 12, 31) for year in self.years] + [item.end for item in self.observed]
        return max(days)


def _order_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Return a fault where a window ends before it starts."""
    start, end = _as_day(raw.get("start")), _as_day(raw.get("end"))
    if start and end and end < start:
        return [Fault("end", "dates out of order", str(end), f"at or after start, {start}")]
    return []


def _span_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Return a fault where every measure starts after the last day that is scored."""
    parts = [*(raw.get("restrictions") or ()), *(raw.get("quotas") or ())]
    starts = [day for day in (_as_day(_get(item, "start")) for item in parts) if day is not None]
    years = [as_number(year) for year in raw.get("years") or ()]
    ends = [dt.date(int(year), 12, 31) for year in years if year is not None and 1 <= year <= 9999]
    ends += [day for day in (_as_day(_get(item, "end")) for item in raw.get("observed") or ()) if day]
    if not starts or not ends:
        return []
    weeks = (max(ends) - min(starts)).days / 7.0
    if weeks > MOST_WEEKS:
        got, expected = (
            f"{weeks:.0f} weeks",
            f"at most {MOST_WEEKS}, from the first measure to the last day scored",
        )
        return [Fault("restrictions", "the episode is too long", got, expected)]
    if weeks >= 0.0:
        return []
    got, expected = str(min(starts)), f"at or before {max(ends)}, the last day scored"
    return [Fault("restrictions", "nothing is restricted while it is scored", got, expected)]


def _origin_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Return a fault where the origin restricts nothing, or several countries do and none is named."""
    parts = [*(raw.get("restrictions") or ()), *(raw.get("quotas") or ())]
    exporters = sorted({str(_get(item, "exporter")).split("/")[0] for item in parts})
    origin = raw.get("origin") or ""
    if origin and exporters and origin not in exporters:
        return [Fault("origin", "a country that restricts nothing", str(origin), " or ".join(exporters))]
    if not origin and len(exporters) > 1:
        return [
            Fault("restrictions", "several countries restrict", ", ".join(exporters), "origin: one of them")
        ]
    return []


def _named_faults(raw: Mapping[str, Any]) -> list[Fault]:
    """Return faults of products and flows: ids used twice or unknown, and neither or both of codes, flows."""
    products = [item for item in raw.get("products") or () if isinstance(item, EpisodeProduct | Mapping)]
    ids = [_get(item, "id") for item in products]
    found = [Fault("products", "an id is used twice", f"{i}", "ids of their own") for i in _twice(ids)]
    flows = [item for item in raw.get("flows") or () if isinstance(item, EpisodeFlow | Mapping)]
    strange = sorted({str(_get(item, "product")) for item in flows} - set(map(str, ids)))
    if strange:
        found.append(Fault("flows", "an unknown product", ", ".join(strange), ", ".join(map(str, ids))))
    coded = any(_get(item, "hs") for item in products)
    own = raw.get("network", "trade") == "default"
    if coded and flows:
        found.append(Fault("flows", "codes and flows", "both", "HS codes, or flows"))
    if own and flows:
        found.append(Fault("flows", "the default network has flows of its own", "flows", "no flows"))
    if not own and not flows and not all(_get(item, "hs") for item in products):
        found.append(Fault("products", "a product without trade", "no hs, no flows", "HS codes, or flows"))
    if raw.get("years") and not coded:
        found.append(
            Fault("years", "years are scored against trade under HS codes", "no hs", "observed figures")
        )
    return found


def _get(item: object, key: str) -> Any:
    return item.get(key) if isinstance(item, Mapping) else getattr(item, key, None)


def _twice(ids: list[Any]) -> list[Any]:
    return sorted({i for i in ids if ids.count(i) > 1}, key=str)


def _as_day(value: object) -> dt.date | None:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, dt.date) else None


def _group_faults(key: str, name: object) -> list[Fault]:
    if isinstance(name, str) and group_fault(name):
        return [Fault(key, "an unknown importer", name, f"a country code, {' or '.join(GROUP_NAMES)}")]
    return []


def episodes_folder() -> Path:
    """Return the folder of the shipped episodes, in the installed package or in a checkout."""
    package = DATA_ROOT.parent
    for found in (package / "examples" / "hindcast", package.parents[1] / "examples" / "hindcast"):
        if found.is_dir():
            return found
    raise DataMissing(Problem("the shipped episodes are not there", "examples", fix="Install kaname again."))


def shipped_episodes() -> dict[str, Path]:
    """Return the files of the shipped episodes by id, the calibration episode first."""
    found = {path.stem: path for path in sorted(episodes_folder().glob("*.yaml"))}
    return dict(sorted(found.items(), key=lambda item: item[0].rpartition("-")[2]))


def load_episode(name: str | Path) -> Episode:
    """Return an episode by its name (a shipped one) or from a YAML file.

    Raises InputError for an unknown name, ScenarioError with every fault of a file, its line and column.
    """
    shipped = shipped_episodes()
    text = str(name)
    if text in shipped:
        return files.load_part(shipped[text], Episode)
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return files.load_part(path, Episode)
    expected = ", ".join(shipped)
    fix = nearest(text, shipped) or "Give one of these names, or a YAML file."
    raise InputError(Problem("unknown episode", "EPISODE", repr(text), expected, fix))
