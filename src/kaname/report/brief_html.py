"""The brief's own part of the page: the answers, the cases compared, and each case with its reasons."""

from __future__ import annotations

from kaname.report import address
from kaname.report.address import VALUE, of_row
from kaname.report.charts import MEDIUM, WIDE
from kaname.report.charts.sankey import node_values
from kaname.report.charts.sparkline import draw_spark
from kaname.report.charts.svg import escape, rect, tag
from kaname.report.explanation import TONNES, written
from kaname.report.markup import Cell, figure, number, number_cell, section, table, text_cell
from kaname.report.model import AssumptionRow, BasisShares, CaseView, CauseNode, ReportModel, ShortfallRow
from kaname.report.reading import by_onset, first_row, money_range, slug, start_of, who, worst_row
from kaname.report.retold import retold
from kaname.terms.language import commas, later, later_of, said, say
from kaname.terms.numerals import NONE, day, money_span, percent, value_text, weeks
from kaname.terms.numerals import money as money_text

MOST_ANSWERS = 10  # what is shown at once; the rest is behind a toggle
COMPARED = later("Case", "Value lost", "First shortfall", "Lowest weekly use")
SHORT = later(
    *("Who", "First shortfall", "Draws never short", "Lowest week", "Use lost", "Value", "Week by week")
)
ASSUMPTION_HEAD = later("Assumption", "Value", "Range", "Grade", "Source")
MOST_ROWS = 14
MOST_COLUMNS = 4  # of a Sankey chart at half the page's width


def answers(model: ReportModel) -> str:
    """Return the direct answers: who can be fed until when."""
    body = figure(model.heat, key="heat", full=True, level=3) if model.heat else ""
    if model.heat and len(model.cases) > 1:
        body += tag(
            "details", tag("summary", say("The same in words, maker by maker")), _pairs(model.answers)
        )
    elif model.answers:
        shown, rest = model.answers[:MOST_ANSWERS], model.answers[MOST_ANSWERS:]
        body += _pairs(shown)
        if rest:
            body += tag("details", tag("summary", say("{count} more answers", count=len(rest))), _pairs(rest))
    else:
        body += tag("p", say("No direct answers in this run."), class_="soft")
    marks = commas(number(say(basis), basis) for basis in ("observed", "modelled", "assumed"))
    key = tag(
        "p",
        say(
            "How numbers are marked in the tables: {marks}. Numbers are of the central case, with every "
            "assumption at its best guess; ranges span 5 to 95 % of the draws of all assumptions together, "
            "and the median is their middle. Every median stands in the tables that come with the report.",
            marks=marks,
        ),
        class_="key",
    )
    return section("answers", say("Who can be fed, until when"), body, key)


def _pairs(answers: tuple[tuple[str, str], ...]) -> str:
    items = (tag("dt", escape(name)) + tag("dd", escape(said)) for name, said in answers)
    return tag("dl", *items, class_="answers")


def comparison(model: ReportModel) -> str:
    """Return the cases side by side: table and bars."""
    rows = [_compared(case) for case in model.cases]
    parts = [
        table(
            say("The cases compared"),
            said(COMPARED),
            rows,
            hidden_caption=True,
        )
    ]
    if model.case_bars:
        parts.append(figure(model.case_bars, key="cases", full=True, level=3))
    return section("cases", say("The cases compared"), *parts)


def _compared(case: CaseView) -> list[Cell]:
    first, worst = first_row(case), worst_row(case)
    name = Cell(tag("a", escape(case.title), href=f"#case-{slug(case.id)}"))
    value = number_cell(
        money_text(case.value_kusd), "modelled", money_range(case), address.of(case.id, VALUE)
    )
    if first:
        when = number(day(first.first_shortfall_date), first.basis, of_row(case.id, first, "first"))
        when += _span(first, start_of(case))
        shortfall = Cell(when + tag("span", escape(who(first)), class_="soft"), "text")
    else:
        shortfall = text_cell(say("none within the horizon"))
    if worst:
        share = number(percent(worst.worst_share), worst.basis, of_row(case.id, worst, "worst"))
        lowest = say("{share} of undisturbed use", share=share)
        return [name, value, shortfall, Cell(lowest + tag("span", escape(who(worst)), class_="soft"), "text")]
    return [name, value, shortfall, text_cell(say("no fall"))]


def _span(row: ShortfallRow, start: str | None) -> str:
    span = weeks(row.first_shortfall_early or row.first_shortfall_date, row.first_shortfall_late, start)
    return tag("span", escape(span), class_="range") if span else ""


def case_section(case: CaseView, index: int, *, by_weight: bool = False) -> str:
    """Return everything about one case; use lost as a share, or where it has one as a weight."""
    ident = f"case-{slug(case.id)}"
    parts = [
        tag("p", escape(case.sentence), class_="lead"),
        tag("p", escape(case.description)),
        _key_figures(case),
    ]
    parts += [tag("h3", say("What runs short")), shortfall_table(case, by_weight=by_weight)]
    if case.timelines:
        charts = "".join(figure(spec, key=f"{ident}/t{i}") for i, spec in enumerate(case.timelines))
        parts += [tag("h3", say("Week by week")), tag("div", charts, class_="pair")]
    parts.append(_flows(case, ident))
    if case.why:
        parts.append(tag("h3", say("Why")))
        (title, node), *others = case.why
        parts.append(why_tree(title, node))
        for title, node in others:
            label = tag(
                "summary",
                escape(say("{title}: {amount} lost", title=title, amount=_amount(node))),
            )
            parts.append(tag("details", label, why_tree(title, node)))
    parts += [tag("h3", say("What the result depends on")), _depends(case, ident)]
    if case.evidence:
        rows = assumption_table(say("Assumptions of this case"), case.evidence)
        parts.append(
            tag(
                "details",
                tag("summary", say("Assumptions of this case ({count})", count=len(case.evidence))),
                rows,
            )
        )
    return section(ident, say("Case {number}: {title}", number=index, title=case.title), *parts)


def _key_figures(case: CaseView) -> str:
    first, worst = first_row(case), worst_row(case)
    value = number(money_text(case.value_kusd), "modelled", address.of(case.id, VALUE))
    figures = [(say("Value of lost output"), value, money_range(case))]
    if first:
        span = weeks(
            first.first_shortfall_early or first.first_shortfall_date,
            first.first_shortfall_late,
            start_of(case),
        )
        note = say("{span}, {product}", span=span, product=first.product_name) if span else first.product_name
        when = number(day(first.first_shortfall_date), first.basis, of_row(case.id, first, "first"))
        figures.append((say("First shortfall"), when, note))
    if worst:
        lowest = number(percent(worst.worst_share), worst.basis, of_row(case.id, worst, "worst"))
        figures.append((say("Lowest weekly use"), lowest, who(worst)))
    items = (
        tag("div", tag("dt", escape(name)), tag("dd", value, tag("span", escape(note), class_="range wrap")))
        for name, value, note in figures
    )
    return tag("dl", *items, class_="big")


def shortfall_table(case: CaseView, *, by_weight: bool = False) -> str:
    """Return the rows that run short, worst first shortfall first, with their course over time."""
    start = start_of(case)
    rows = by_onset(case.rows)
    head = said(SHORT)
    cells = [_shortfall(row, start, case.id, by_weight=by_weight) for row in rows]
    first = table(say("Rows by date of the first shortfall"), head, cells[:MOST_ROWS])
    if len(cells) <= MOST_ROWS:
        return first
    rest = table(say("Later and smaller shortfalls"), head, cells[MOST_ROWS:], hidden_caption=True)
    label = tag("summary", say("{count} more rows", count=len(cells) - MOST_ROWS))
    return first + tag("details", label, rest, class_="open")


def _shortfall(row: ShortfallRow, start: str | None, case_id: str, *, by_weight: bool) -> list[Cell]:
    name = escape(row.product_name) + tag(
        "span", escape(say("{market}, {stage}", market=row.market_name, stage=say(row.stage))), class_="soft"
    )
    when = (
        number(day(row.first_shortfall_date), row.basis, of_row(case_id, row, "first")) + _span(row, start)
        if row.first_shortfall_date
        else say("not within the horizon")
    )
    worst = say("{low} to {high}", low=percent(row.worst_low), high=percent(row.worst_high))
    return [
        Cell(name),
        Cell(when, "text"),
        number_cell(percent(row.never_share), "modelled", of=of_row(case_id, row, "never")),
        number_cell(percent(row.worst_share), row.basis, worst, of_row(case_id, row, "worst")),
        _lost_cell(row, case_id, by_weight=by_weight),
        _value_cell(row, case_id),
        Cell(draw_spark(row.sparkline) or NONE),
    ]


def _lost_cell(row: ShortfallRow, case_id: str, *, by_weight: bool) -> Cell:
    """Return the use lost: as a share, or by weight where the product is counted in tonnes."""
    if by_weight and row.use_t is not None:
        low, lost, high = (
            written(share * row.use_t, TONNES)
            for share in (row.lost_output_low, row.lost_output_share, row.lost_output_high)
        )
        measure = "amount"
    else:
        low, lost, high = map(percent, (row.lost_output_low, row.lost_output_share, row.lost_output_high))
        measure = "lost"
    band = say("{low} to {high}", low=low, high=high)
    return number_cell(lost, row.basis, band, of_row(case_id, row, measure))


def _value_cell(row: ShortfallRow, case_id: str) -> Cell:
    if row.value_kusd is None:
        return Cell(NONE, "r")
    band = money_span(row.value_low_kusd, row.value_high_kusd)
    return number_cell(money_text(row.value_kusd), row.basis, band, of_row(case_id, row, "value"))


def _flows(case: CaseView, ident: str) -> str:
    before, after = case.sankey_before, case.sankey_after
    if before is None and after is None:
        return ""
    undisturbed = node_values(before) if before else None
    crowded = any(spec and len(spec.columns) > MOST_COLUMNS for spec in (before, after))
    pan = WIDE if crowded else MEDIUM
    charts = []
    for label, spec in (("Before", before), ("After", after)):
        if spec:
            chart = figure(
                spec, key=f"{ident}/{label}", pan=pan, before=undisturbed if label == "After" else None
            )
            heading = f"<h4>{escape(spec.title)}</h4>"
            title = say(FLOWS[label], title=spec.title)
            charts.append(chart.replace(heading, f"<h4>{escape(title)}</h4>", 1))
    return tag("h3", say("Where the flow breaks")) + tag("div", *charts, class_=None if crowded else "pair")


FLOWS = later_of({"Before": "Before: {title}", "After": "After: {title}"})


INDEX = later("points")[0]


def _amount(node: CauseNode) -> str:
    """Return what a cause takes; of what is made, that is points of an index."""
    return value_text(node.amount, INDEX if node.unit == "index" else node.unit)


def why_tree(title: str, root: CauseNode) -> str:
    """Return the tree of causes: nested, each with a bar of its share; offsets are negative."""
    lost = say(": {amount} lost, central case.", amount=_amount(root))
    head = tag("p", tag("strong", escape(title)) + escape(lost))
    whole = sum(abs(child.share) for child in root.children)
    offsets = sum(child.share for child in root.children if child.share < 0)
    note = ""
    if root.children and offsets < 0:
        causes = percent(sum(child.share for child in root.children if child.share > 0))
        note = tag(
            "p",
            say(
                "Causes {causes}, offsets {offsets}: together {share}.",
                causes=causes,
                offsets=percent(offsets),
                share=percent(root.share),
            ),
            class_="sub",
        )
    nodes = "".join(_cause(child, max(whole, 1e-9), 0) for child in root.children)
    return head + note + tag("div", nodes or _cause(root, 1.0, 0), class_="tree")


def _cause(node: CauseNode, whole: float, depth: int) -> str:
    width = min(abs(node.share) / whole, 1.0) * 100
    role = "f-c1" if node.share >= 0 else "f-c3"
    bar = tag(
        "svg",
        rect(0, 0, 100, 10, "f-panel"),
        rect(0, 0, width, 10, role),
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        class_="k bar",
        aria_hidden="true",
    )
    kind = say(node.kind) if node.share >= 0 else say("{kind}, offset", kind=say(node.kind))
    line = (
        tag("span", escape(node.label) + tag("span", escape(f" ({kind})"), class_="soft"), class_="name")
        + bar
        + tag("span", escape(percent(node.share)), class_="r share")
        + tag("span", escape(_amount(node)), class_="r soft amount")
    )
    if not node.children:
        return tag("div", line, class_="leaf")
    kids = "".join(_cause(child, whole, depth + 1) for child in node.children)
    return tag(
        "details", tag("summary", line), tag("div", kids, class_="kids"), open="" if depth == 0 else None
    )


def _depends(case: CaseView, ident: str) -> str:
    parts = []
    if case.depends_on:
        parts.append(tag("p", say("The assumptions that move the headline number most:")))
        parts.append(tag("ol", *(tag("li", escape(item)) for item in case.depends_on), class_="three"))
    if case.tornado:
        parts.append(figure(case.tornado, key=f"{ident}/tornado", full=True))
    parts.append(basis_bar(case.basis_shares))
    return "".join(parts)


def basis_bar(shares: BasisShares) -> str:
    """Return the bar of what is observed, estimated and assumed behind the case's number."""
    parts = (
        (say("observed"), shares.observed, "f-c1"),
        (say("estimated"), shares.estimated, "f-q2"),
        (say("assumed"), shares.assumed, "f-c2"),
    )
    x, rects = 0.0, []
    for _, share, role in parts:
        rects.append(rect(x, 0, share * 300, 16, role))
        x += share * 300
    told = commas(f"{name} {percent(share)}" for name, share, _ in parts)
    bar = tag(
        "svg",
        *rects,
        viewBox="0 0 300 16",
        preserveAspectRatio="none",
        class_="k basis",
        role="img",
        aria_label=told,
    )
    swatch = '<svg class="k" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{}</svg>'
    keys = (
        tag("li", swatch.format(rect(0, 0, 12, 12, role)), escape(f"{name} {percent(share)}"))
        for name, share, role in parts
    )
    return tag("h4", say("What is behind the number")) + bar + tag("ul", *keys, class_="basis-key")


def assumption_table(
    caption: str,
    rows: tuple[AssumptionRow, ...],
    head: tuple[str, ...] = ASSUMPTION_HEAD,
) -> str:
    """Return assumptions (or controls) with range, grade and source."""
    cells = [
        [
            text_cell(row.name),
            *(text_cell(v) for v in (retold(row.value), row.range, say(row.grade))),
            _source_cell(row),
        ]
        for row in rows
    ]
    return table(caption, said(head), cells)


def _source_cell(row: AssumptionRow) -> Cell:
    """Return where an assumption comes from; an event leads to its sentence."""
    if not row.event:
        return text_cell(retold(row.source))
    link = tag("a", say("sentence"), href=f"#event-{escape(row.event)}")
    return Cell(f"{escape(row.source)} {link}" if row.source else link, "text")
