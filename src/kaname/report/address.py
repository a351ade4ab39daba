"""The address of a number: which case of a run, and which number in it.

Numbers of the report carry their address where they have one. Pages that can answer turn them into links; a
page that stands alone drops them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from kaname.report.charts.svg import escape
from kaname.report.model import ShortfallRow

VALUE = "value"
"""The headline number of a case."""
_MARKED = re.compile(r'<span class="(v [a-z]+)" title="([^"]*)" data-of="([^"]*)">([^<]*)</span>')


def of(case_id: str, *parts: object) -> str:
    """Return the address of a number of a case; `parts` are such as `shortfall`, market, product, measure."""
    return f"{case_id} {':'.join(map(str, parts))}"


def of_row(case_id: str, row: ShortfallRow, measure: str) -> str:
    """Return the address of a measure of a user that runs short: first, never, worst, lost or value."""
    return of(case_id, "shortfall", row.market, row.product, measure)


def linked(markup: str, href: Callable[[str, str], str]) -> str:
    """Return markup in which every number with an address is a link; `href` is asked for (case, what)."""

    def link(found: re.Match[str]) -> str:
        kind, basis, address, text = found.groups()
        case_id, _, what = html.unescape(address).partition(" ")
        return f'<a class="{kind}" title="{basis}" href="{escape(href(case_id, what))}">{text}</a>'

    return _MARKED.sub(link, markup)


def unlinked(markup: str) -> str:
    """Return markup without the addresses, for a page that leads nowhere."""
    return _MARKED.sub(r'<span class="\1" title="\2">\4</span>', markup)
