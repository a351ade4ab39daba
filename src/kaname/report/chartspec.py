"""What a chart shows, without how it is drawn: frozen specs, one per chart kind (`charts` draws them)."""

from __future__ import annotations

from dataclasses import dataclass

from kaname.terms.language import say
from kaname.terms.numerals import day


@dataclass(frozen=True)
class Line:
    """One line of a timeline: `central` (and optionally 5, 50 and 95 % of the ensemble) over the periods.

    `basis` is observed, estimated, assumed or modelled and decides the stroke: solid, dashed, dotted.
    """

    name: str
    central: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    basis: str = "modelled"
    median: tuple[float, ...] = ()


@dataclass(frozen=True)
class Marker:
    """A vertical mark at a date with a short label."""

    date: str
    label: str


@dataclass(frozen=True)
class TimelineSpec:
    """Lines over ISO dates, against a baseline value drawn as a thin line (100 = undisturbed)."""

    title: str
    subtitle: str
    dates: tuple[str, ...]
    lines: tuple[Line, ...]
    unit: str
    baseline: float | None = None
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True)
class Flow:
    """One ribbon of a Sankey chart; `basis` decides its texture."""

    source: str
    target: str
    value: float
    basis: str = "observed"


@dataclass(frozen=True)
class SankeySpec:
    """Columns of named nodes and the flows between them; node ids are unique, labels are shown.

    `lost` maps a node id to the share of its undisturbed throughput that is lost (drawn as a hollow part).
    `heads` say what each column is; none, or one for each.
    """

    title: str
    subtitle: str
    columns: tuple[tuple[str, ...], ...]  # node ids, column by column
    labels: dict[str, str]
    flows: tuple[Flow, ...]
    unit: str
    highlight: tuple[str, ...] = ()  # node ids drawn in the accent colour (the restricting country)
    lost: dict[str, float] | None = None
    heads: tuple[str, ...] = ()


@dataclass(frozen=True)
class WeekFlows:
    """A Sankey chart for every week of a run, on one set of nodes: `ends` (F), `bases` (F), `values` (P, F),
    and `undisturbed` (F), the flows of the base state.

    `dates` (P) are the ISO days on which the weeks begin; a flow of 0 is not drawn.
    """

    title: str
    subtitle: str
    dates: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    labels: dict[str, str]
    ends: tuple[tuple[str, str], ...]
    bases: tuple[str, ...]
    undisturbed: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    unit: str
    highlight: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    def week(self, number: int) -> SankeySpec:
        """Return the chart of a week, counted from 1."""
        told = say(
            "Week {number} of {count}, from {date}. {rest}",
            number=number,
            count=len(self.dates),
            date=day(self.dates[number - 1]),
            rest=self.subtitle,
        )
        title = say("{title}, week {number}", title=self.title, number=number)
        return self._chart(title, told, self.values[number - 1])

    def before(self) -> SankeySpec:
        """Return the chart of the base state on the same nodes."""
        return self._chart(self.title, say("Base state"), self.undisturbed)

    def lowest(self) -> int:
        """Return the first week, counted from 1, in which least is used."""
        used = [i for i, (source, _) in enumerate(self.ends) if source == "use"]
        sums = [sum(week[i] for i in used) for week in self.values]
        return sums.index(min(sums)) + 1

    def _chart(self, title: str, subtitle: str, values: tuple[float, ...]) -> SankeySpec:
        flows = zip(self.ends, values, self.bases, strict=True)
        return SankeySpec(
            title,
            subtitle,
            self.columns,
            self.labels,
            tuple(
                Flow(source, target, value, basis) for (source, target), value, basis in flows if value > 0
            ),
            self.unit,
            self.highlight,
            heads=self.heads,
        )


@dataclass(frozen=True)
class MapFlow:
    """An arc of a map between two countries (ISO 3166 alpha-3); `through` are ids of marks on its way."""

    source: str
    target: str
    value: float
    basis: str
    source_name: str
    target_name: str
    through: tuple[str, ...] = ()


@dataclass(frozen=True)
class MapMark:
    """A sea passage on a map, in degrees; `share` is its part of all flows, shown or not."""

    id: str
    name: str
    label: str
    lon: float
    lat: float
    value: float
    share: float


@dataclass(frozen=True)
class MapSpec:
    """A Pacific-centred world map: one value per ISO 3166 alpha-3; None or absent = no data (hatched).

    `worldview` is `neutral`, `jp` or `un`: how disputed areas are drawn. `flows` are in `flow_unit`, the
    largest first, of what `flow_of` names; `marks` are the passages that any of them goes through.
    """

    title: str
    subtitle: str
    values: dict[str, float | None]
    unit: str
    worldview: str = "neutral"
    origin: tuple[str, ...] = ()  # countries drawn in the accent colour
    targets: tuple[str, ...] = ()  # countries outlined
    flows: tuple[MapFlow, ...] = ()
    marks: tuple[MapMark, ...] = ()
    flow_unit: str = "kUSD"
    flow_of: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar; a band where low and high are given, with its middle where the median is."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    basis: str = "modelled"
    note: str = ""
    median: float | None = None
    of: str = ""  # address of the number (`report/address.py`), where it has one


@dataclass(frozen=True)
class BarSpec:
    """Horizontal bars, largest first as given."""

    title: str
    subtitle: str
    bars: tuple[Bar, ...]
    unit: str


@dataclass(frozen=True)
class Swing:
    """One assumption of a tornado chart: the result at its low and at its high value."""

    label: str
    low_label: str
    high_label: str
    at_low: float
    at_high: float


@dataclass(frozen=True)
class TornadoSpec:
    """How far each assumption moves one result from its central value; largest swing first."""

    title: str
    subtitle: str
    central: float
    swings: tuple[Swing, ...]
    unit: str


@dataclass(frozen=True)
class HeatSpec:
    """A heat table: rows x columns of shares or None (no data, hatched)."""

    title: str
    subtitle: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[float | None, ...], ...]
    unit: str
    texts: tuple[tuple[str, ...], ...] = ()  # what a cell says instead of its number; line breaks by \n
    notes: tuple[tuple[str, ...], ...] = ()  # what is said of a cell under the pointer and in the table
    of: tuple[tuple[str, ...], ...] = ()  # addresses of the cells; empty where one has none


@dataclass(frozen=True)
class Dot:
    """One figure foretold and seen: the central value with its band (5 to 95 %), and what was observed."""

    label: str
    central: float
    observed: float
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class DotSpec:
    """Figures foretold beside those observed, one per row; `baseline` is the value of no change."""

    title: str
    subtitle: str
    dots: tuple[Dot, ...]
    unit: str
    baseline: float = 0.0


@dataclass(frozen=True)
class Pole:
    """A week of a strip: its Monday, the value, and what it rests on."""

    monday: str
    value: float
    note: str = ""


@dataclass(frozen=True)
class Strip:
    """Weeks with reports; a week that is not there is missing, not zero."""

    name: str
    poles: tuple[Pole, ...]


@dataclass(frozen=True)
class WeeklySpec:
    """Strips of weekly values above and below a zero line, one below the other on one scale."""

    title: str
    subtitle: str
    strips: tuple[Strip, ...]
    unit: str


ChartSpec = TimelineSpec | SankeySpec | MapSpec | BarSpec | TornadoSpec | HeatSpec | DotSpec | WeeklySpec
