"""The section on the data themselves: coverage by material and stage, doubts, disputes, the coefficients."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kaname.report.charts.svg import escape, tag
from kaname.report.dataview import CoveredCell, DataView, DisputedRow, DoubtRow, ListRow, TableRow
from kaname.report.markup import Cell, bullet_list, section, table, text_cell
from kaname.report.retold import retold
from kaname.terms.language import commas, later, later_of, name_of, said, say, text_of
from kaname.terms.numerals import NONE, percent, plain

TITLE = later("How good the data are")[0]
MATERIAL = later("Material")[0]
LISTS = later("List of critical materials", "Named", "Covered", "of them in a group", "Not covered")
DOUBTS = later("What is doubtful", "Found", "What is done about it", "The largest")
DISPUTED = later("Country", "Product", "Least, t", "Taken, t", "Most, t", "What the sources say")
TABLES = later("Table", "What it holds", "Rows", "Observed", "Reported", "Estimated", "Assumed")
STAGE_NAMES = later("ore", "compound", "metal", "magnet", "component")
GRADES = later("observed", "estimated", "assumed", "missing")
KIND_NAMES = later(
    *("weight replaced", "weight filled in", "weight doubted, left", "empty code", "stage without a code"),
    *("trade misleads", "gross weight", "sources disagree", "negative use", "territory", "re-export hub"),
    *("value is no price", "mirror gap"),
)
DONE = later_of(
    {
        "imputed": "Replaced by the value over the lane's own usual price.",
        "filled": "Filled in from the value, with the usual price of the lane or the product.",
        "flagged": "Left as reported, and told: nothing says what would be right.",
        "empty_code": "Left missing, never zero.",
        "no_code": "Lanes are made from output and use, and marked estimated or assumed.",
        "stage": "Output is taken from production by stage, not from trade.",
        "gross_weight": "Turned into what it holds, by a factor with its source.",
        "disagree": "One source is central, the others set the range.",
        "negative": "The balance closes the account, and tells by how much.",
        "territory": "Mapped to the code that a reader expects.",
        "hub": "Counted as re-exports as far as imports reach.",
        "unit_value": "Cited prices are used; the unit value only screens weights.",
        "mirror_gap": "Shown, not changed.",
    }
)
TRADE = later_of({"own": "code of its own", "shared": "shared code", "none": "no code"})
_WORD = re.compile(r"(?<![A-Za-z0-9_])(?:[a-z]+(?:_[a-z0-9]+)*|[A-Z]{3})(?![A-Za-z0-9_])")


def data_section(view: DataView) -> str:
    """Return the section: the sentence, the matrix, lists, what is doubtful, disputes, coefficients."""
    return section(
        "data-quality",
        say(TITLE),
        tag("p", escape(_sentence(view)), class_="lead"),
        _folded(say("Coverage: how the output of each material is known, by stage"), _matrix(view)),
        table(say("Critical materials covered"), said(LISTS), [_listed(row) for row in view.lists]),
        table(
            say("What is doubtful in the trade and output of {year}", year=view.year),
            said(DOUBTS),
            [_doubt(row, view.names) for row in view.doubts],
        ),
        bullet_list([retold(note) for note in view.notes], "") if view.notes else "",
        _folded(
            say("Output on which sources disagree ({count})", count=len(view.disputed)),
            table(
                say("Output on which sources disagree, the largest first"),
                said(DISPUTED),
                [_disputed(row, view.names) for row in view.disputed],
                hidden_caption=True,
            ),
        ),
        _folded(
            say("Every coefficient: {count} tables", count=len(view.tables)),
            table(
                say("The tables of coefficients, with rows by grade"),
                said(TABLES),
                [_table(row) for row in view.tables],
                hidden_caption=True,
            )
            + tag("p", escape(say("Each row names its source: kaname data tables NAME.")), class_="meta"),
        ),
    )


def _folded(title: str, inner: str) -> str:
    return tag("details", tag("summary", escape(title)), inner)


def _sentence(view: DataView) -> str:
    assumed = sum(cell.grade == "assumed" for cell in view.cells)
    return say(
        "{materials} materials at {stages} stages, {products} products; at {assumed} of the stages most of "
        "the output is assumed. {flows} reported flows of {year} were screened.",
        materials=len({cell.element for cell in view.cells}),
        stages=len(view.cells),
        products=view.products,
        assumed=assumed,
        flows=f"{view.flows:,}",
        year=view.year,
    )


def _matrix(view: DataView) -> str:
    """Return materials by stages: the grade of most of the output, how many countries make it, the code."""
    cells = {(cell.element, cell.stage): cell for cell in view.cells}
    used = [stage for stage in STAGE_NAMES if any(cell.stage == stage for cell in view.cells)]
    elements = dict.fromkeys(cell.element for cell in view.cells)
    rows = [
        [text_cell(text_of(element)), *(_covered(cells.get((element, stage))) for stage in used)]
        for element in elements
    ]
    heads = (say(MATERIAL), *(say(stage) for stage in used))
    told = say("Coverage by material and stage")
    key = say(
        "A cell says how most of the output is known, how many countries make it, and whether trade has a "
        "code for it; an empty cell: no product of kaname's."
    )
    return tag("p", escape(key), class_="meta") + table(told, heads, rows, hidden_caption=True)


def _covered(cell: CoveredCell | None) -> Cell:
    if cell is None:
        return Cell("", "text")
    word = tag("span", escape(say(cell.grade)), class_=f"known known-{cell.grade}", title=_shares(cell))
    makers = say("1 country") if cell.makers == 1 else say("{count} countries", count=cell.makers)
    rest = commas((makers, say(TRADE[cell.trade])))
    return Cell(word + tag("span", escape(rest), class_="range wrap"), "text")


def _shares(cell: CoveredCell) -> str:
    """Return the shares of the output by grade, as the pointer over a cell tells them."""
    shares = (("observed", cell.observed), ("estimated", cell.estimated), ("assumed", cell.assumed))
    return commas(f"{say(name)} {percent(share)}" for name, share in shares if share is not None)


def _listed(row: ListRow) -> list[Cell]:
    return [
        text_cell(row.name),
        *(Cell(escape(str(count)), "r") for count in (row.materials, row.covered, row.in_groups)),
        text_cell(commas(text_of(name) for name in row.missing) or NONE),
    ]


def _doubt(row: DoubtRow, names: Mapping[str, str]) -> list[Cell]:
    largest = _named(retold(row.largest), names)
    return [
        text_cell(say(row.title)),
        Cell(escape(f"{row.count:,}"), "r"),
        text_cell(say(DONE[row.kind])),
        text_cell(largest),
    ]


def _disputed(row: DisputedRow, names: Mapping[str, str]) -> list[Cell]:
    return [
        text_cell(_named(row.place, names)),
        text_cell(_named(row.product, names)),
        *(Cell(escape(plain(tonnes)), "r") for tonnes in (row.low_t, row.taken_t, row.high_t)),
        text_cell(row.note),
    ]


def _table(row: TableRow) -> list[Cell]:
    counts = (row.rows, row.observed, row.reported, row.estimated, row.assumed)
    return [
        Cell(tag("code", escape(row.name))),
        text_cell(text_of(row.holds)),
        *(Cell(escape(f"{count:,}"), "r") for count in counts),
    ]


def _named(text: str, names: Mapping[str, str]) -> str:
    """Return a sentence in which ids of products and countries are their names."""

    def name(found: re.Match[str]) -> str:
        ident = found[0]
        if ident not in names:
            return ident
        return name_of("markets" if ident.isupper() else "products", ident, names[ident])

    return _WORD.sub(name, text)
