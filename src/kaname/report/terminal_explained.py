"""What stands behind a number in the terminal: the number first, then its parts."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kaname.report.explanation import Explained
from kaname.report.terminal import print_causes
from kaname.terms.language import later, said, say

HEADS = later("Input", "Value", "Basis", "Source", "Address")


def print_explained(found: Explained, console: Console) -> None:
    """Print a number, how it is made, its inputs, causes, the assumptions of the case, and the sources."""
    console.print(Text(f"{found.name}: {found.who}", style="bold"))
    band = f"  {found.band_text}" if found.band_text else ""
    console.print(Text(f"{found.text}{band}  ({say(found.basis)})"))
    console.print(Text(found.made))
    if found.inputs:
        console.print()
        console.print(_inputs(found))
    for title, root in found.causes:
        console.print()
        print_causes(title, root, console)
    for title, lines in (
        (say("Assumptions of this case"), _evidence(found)),
        (say("Sources"), _sources(found)),
    ):
        if lines:
            console.print()
            console.print(Text(title, style="bold"))
            for line in lines:
                console.print(Text(f"- {line}"), soft_wrap=False)


def _inputs(found: Explained) -> Table:
    table = Table(
        title=say("Inputs"), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name in said(HEADS):
        table.add_column(name, overflow="fold")
    for one in found.inputs:
        table.add_row(Text(one.name), Text(one.text), Text(say(one.basis)), Text(one.source), Text(one.what))
    return table


def _evidence(found: Explained) -> list[str]:
    """Return the assumptions behind a number, each with its value, range, source and event."""
    return [
        "; ".join(part for part in (f"{row.name}: {row.value}", row.range, row.source, row.event) if part)
        for row in found.evidence
    ]


def _sources(found: Explained) -> list[str]:
    return [
        ", ".join(part for part in (row.name, row.publisher, row.edition, row.date, row.licence) if part)
        for row in found.sources
    ]
