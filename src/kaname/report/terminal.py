"""The brief in the terminal: the answer in one sentence, then tables. Plain text where colours are off."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from kaname.report.charts.sparkline import spark_text
from kaname.report.chartspec import HeatSpec
from kaname.report.model import CaseView, CauseNode, ReportModel, ResponseView, ShortfallRow
from kaname.report.reading import first_row, start_of, who, worst_row
from kaname.report.record import record_sentence
from kaname.terms.language import say
from kaname.terms.numerals import NONE, day, money, percent, value_text, weeks

MOST_ROWS = 5
MOST_MEASURES = 8  # of a plan
MOST_TREES = 2  # of a case; the report holds the others
MOST_CAUSES = 5


def print_brief(model: ReportModel, console: Console) -> None:
    """Print the brief: headline, answers, the cases compared, then every case by itself."""
    console.print(Text(model.headline, style="bold"))
    for sentence in model.lede:
        console.print(Text(sentence))
    console.print(Text(model.subtitle, style="dim"))
    if model.heat is not None and model.heat.texts and len(model.cases) > 1:
        console.print()
        _print_matrix(model.heat, console)
    elif model.answers:
        console.print()
        console.print(_answers(model))
    if model.cases:
        console.print()
        console.print(_comparison(model))
    for i, case in enumerate(model.cases, 1):
        console.print()
        _print_case(case, i, console)
    for view in model.responses:
        console.print()
        _print_response(view, console)
    if model.record:
        console.print()
        console.print(Text("How the model did before", style="bold"))
        console.print(Text(record_sentence(model.record)))
    if model.limits:
        console.print()
        console.print(Text("Limits", style="bold"))
        for item in model.limits:
            console.print(Text(f"- {item}"), soft_wrap=False)
    if model.flags:
        console.print()
        console.print(Text(f"{len(model.flags)} data flags are in the report.", style="dim"))


def _table(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(
        title=escape(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name, side in columns:
        table.add_column(
            name, justify="right" if side == "r" else "left", overflow="fold", no_wrap=side == "n"
        )
    return table


def _answers(model: ReportModel) -> Table:
    table = _table("Who can be fed, until when", ("Who", "l"), ("Answer", "l"))
    for name, said in model.answers:
        table.add_row(Text(name), Text(said))
    return table


def _print_matrix(heat: HeatSpec, console: Console) -> None:
    """Print makers by cases: the first week short, or that they are fed; letters name the cases."""
    letters = [chr(65 + i % 26) for i in range(len(heat.columns))]
    table = _table(heat.title, ("Who", "l"), *((letter, "r") for letter in letters))
    for name, texts in zip(heat.rows, heat.texts, strict=True):
        table.add_row(Text(name), *(Text(_week_of(text)) for text in texts))
    console.print(table)
    for letter, column in zip(letters, heat.columns, strict=True):
        console.print(Text(f"{letter}: {column}", style="dim"))
    console.print(Text("A number is the first week short; -: fed; (-): fed in most draws.", style="dim"))


def _week_of(text: str) -> str:
    """Return the week of a cell's text, `-` where the maker is fed, `(-)` where only in most draws."""
    first = text.split("\n", maxsplit=1)[0]
    if first.startswith("week "):
        return first.removeprefix("week ")
    return "-" if first == "fed" else "(-)"


def _comparison(model: ReportModel) -> Table:
    table = _table(
        "The cases compared", ("Case", "l"), ("Value lost", "r"), ("First shortfall", "l"), ("Lowest", "r")
    )
    for case in model.cases:
        first, worst = first_row(case), worst_row(case)
        value = f"{money(case.value_kusd)}\n{money(case.value_low_kusd)} to\n{money(case.value_high_kusd)}"
        value += f"\nmedian {money(case.value_median_kusd)}"
        when = f"{day(first.first_shortfall_date)}\n{who(first)}" if first else "none"
        table.add_row(
            Text(case.title), Text(value), Text(when), Text(percent(worst.worst_share) if worst else NONE)
        )
    return table


def _print_case(case: CaseView, index: int, console: Console) -> None:
    console.rule(
        Text(f"Case {index}: {case.title}"), align="left", characters="-" if console.legacy_windows else "─"
    )
    console.print(Text(case.sentence))
    rows = sorted(case.rows, key=lambda row: (row.first_shortfall_date or "9999", row.market, row.product))
    start = start_of(case)
    if rows:
        table = _table(
            "What runs short",
            ("Who", "l"),
            ("First shortfall", "l"),
            ("Lowest", "r"),
            ("Lost", "r"),
            ("By week", "n"),
        )
        for row in rows[:MOST_ROWS]:
            table.add_row(*_cells(row, start))
        console.print(table)
    if len(rows) > MOST_ROWS:
        console.print(Text(f"{len(rows) - MOST_ROWS} more rows are in the report.", style="dim"))
    for title, node in case.why[:MOST_TREES]:
        _print_why(title, node, console)
    if case.depends_on:
        console.print(Text("Depends on: " + "; ".join(case.depends_on) + "."))
    shares = case.basis_shares
    parts = (("observed", shares.observed), ("estimated", shares.estimated), ("assumed", shares.assumed))
    said = ", ".join(f"{percent(share)} {name}" for name, share in parts)
    console.print(Text(f"Behind the number: {said}."))


def _cells(row: ShortfallRow, start: str | None) -> tuple[Text, ...]:
    span = weeks(row.first_shortfall_early or row.first_shortfall_date, row.first_shortfall_late, start)
    when = (
        day(row.first_shortfall_date) + (f"\n{span}" if span else "") if row.first_shortfall_date else "none"
    )
    band = (
        f"{percent(row.lost_output_share)}\n{percent(row.lost_output_low)} to {percent(row.lost_output_high)}"
    )
    return (
        Text(who(row)),
        Text(when),
        Text(percent(row.worst_share)),
        Text(band),
        Text(spark_text(row.sparkline, 16)),
    )


def _print_response(view: ResponseView, console: Console) -> None:
    """Print what a plan does to the case that it answers, and its measures."""
    console.rule(Text(f"What allies can do: {view.answers}"), align="left")
    console.print(Text(view.sentence))
    if view.promise:
        console.print(Text(view.promise))
    table = _table(
        "The plan", ("Measure", "l"), ("Level", "r"), ("Cost", "r"), ("Works from", "l"), ("Paid by", "l")
    )
    for row in view.measures[:MOST_MEASURES]:
        payers = ", ".join(country for country, _ in row.payers)
        when = day(row.works_from) if row.works_from else "never"
        table.add_row(
            Text(row.title), Text(percent(row.level)), Text(money(row.cost_kusd)), Text(when), Text(payers)
        )
    console.print(table)
    if len(view.measures) > MOST_MEASURES:
        more = len(view.measures) - MOST_MEASURES
        console.print(Text(f"{more} more measures are in the report.", style="dim"))


def print_causes(title: str, root: CauseNode | None, console: Console) -> None:
    """Print a whole tree of causes, level by level; None means that nothing was lost."""
    if root is None:
        console.print(Text(say("{title}: nothing was lost.", title=title)))
        return
    told = say("{title}: {amount} lost", title=title, amount=value_text(root.amount, root.unit))
    console.print(Text(told, style="bold"))
    _print_level(root, console, 1)


def _print_level(node: CauseNode, console: Console, depth: int) -> None:
    for child in sorted(node.children, key=lambda item: -item.share):
        console.print(Text(f"{'  ' * depth}{percent(child.share):>7}  {child.label} ({say(child.kind)})"))
        _print_level(child, console, depth + 1)


def _print_why(title: str, root: CauseNode, console: Console) -> None:
    """Print the first level of the tree, largest cause first: a bar, the share, the label."""
    console.print(Text(f"{title} ({value_text(root.amount, root.unit)} lost)", style="bold"))
    children = sorted(root.children, key=lambda child: -child.share)
    top = max((abs(child.share) for child in children), default=0.0) or 1.0
    for child in children[:MOST_CAUSES]:
        bar = "█" * max(1, round(abs(child.share) / top * 12))
        console.print(Text(f"  {bar:<12} {percent(child.share):>7}  {child.label} ({child.kind})"))
    if len(children) > MOST_CAUSES:
        rest = sum(child.share for child in children[MOST_CAUSES:])
        console.print(Text(f"  {'':<12} {percent(rest):>7}  {len(children) - MOST_CAUSES} more", style="dim"))
