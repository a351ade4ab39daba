"""The panel of a node on the page Network: suppliers, concentration, stocks, what stops without, basis."""

from __future__ import annotations

from kaname.explaining import number_of
from kaname.network.network import Network
from kaname.nodes import Node, choices, node_of
from kaname.report.address import of
from kaname.report.charts.svg import escape, tag
from kaname.report.explanation import DAYS, written
from kaname.report.markup import Cell, number, number_cell, table, text_cell
from kaname.report.naming import localised
from kaname.terms.language import commas
from kaname.terms.language import say as said
from kaname.terms.numerals import percent, plain
from kaname.web.pages.forms import button, choice, kept, labelled
from kaname.web.pages.layout import View

MOST_SUPPLIERS = 12
HERE = "\0"
"""Where a number goes into a sentence."""


def node_panel(
    view: View, network: Network, product: str | None, place: str | None, week: str | None = None
) -> str:
    """Return form and panel; without a wish the worst user of the case. `week` is kept when it is sent.

    Raises InputError for a product or place that the network does not know.
    """
    row = view.case.rows[0] if view.case is not None and view.case.rows else None
    wanted = (place or (row.market if row else "JPN"), product or (row.product if row else "magnets"))
    network = localised(network)
    node = node_of(network, *wanted)
    products, markets = choices(network)
    hidden = tag("input", type="hidden", name="week", value=week) if week else ""
    form = tag(
        "form",
        *kept(view),
        hidden,
        labelled(view, "node.product", "product", choice("product", products, wanted[1])),
        labelled(view, "node.place", "place", choice("place", markets, wanted[0])),
        button(view.say("node.show")),
        method="get",
        action="/network#node",
        class_="row",
    )
    body = _body(view, node) if node is not None else tag("p", escape(view.say("node.nothing")))
    return tag(
        "section",
        tag("h2", escape(view.say("node.title")), id="node-title"),
        tag("p", escape(view.say("node.text", year=network.base_year)), class_="sub"),
        form,
        body,
        id="node",
        aria_labelledby="node-title",
    )


def _body(view: View, node: Node) -> str:
    title = tag("h3", escape(said("{product}, {market}", product=node.product_name, market=node.market_name)))
    told = commas(f"{percent(share)} {view.say(f'node.basis.{name}')}" for name, share in node.bases)
    worst = max(node.bases, key=lambda item: item[1])[0]
    cover, stored = written(node.cover_days, DAYS), written(node.reserve_days, DAYS)
    days = number(stored, node.stock_basis, _at(node, "reserve"))
    reserve = days if node.reserve_days > 0.0 else escape(view.say("node.reserve.none"))
    amount = number(plain(node.amount), worst, _at(node, "amount"))
    arrives = escape(view.say("node.amount.value", amount=HERE, unit=node.unit)).replace(HERE, amount)
    facts = (
        ("node.amount", arrives, ""),
        ("node.hhi", number(f"{node.hhi:.2f}", worst, _at(node, "hhi")), view.say("node.hhi.note")),
        ("node.cover", number(cover, node.stock_basis, _at(node, "cover")), ""),
        ("node.reserve", reserve, ""),
        ("node.quality", tag("span", escape(told)), ""),
    )
    items = "".join(
        tag(
            "div",
            tag("dt", escape(view.say(key))),
            tag("dd", value, tag("span", escape(note), class_="range wrap") if note else ""),
        )
        for key, value, note in facts
    )
    return title + tag("dl", items, class_="big node") + _suppliers(view, node) + _users(view, node)


def _at(node: Node, *parts: str) -> str:
    return of("-", number_of(node, *parts))


def _suppliers(view: View, node: Node) -> str:
    head = tuple(view.say(f"node.{key}") for key in ("supplier", "kind", "share", "amount.short", "basis"))
    rows = [
        [
            Cell(tag("a", escape(row.name), href=_link(view, node.product, row.country), lang=view.foreign)),
            text_cell(view.say(f"node.kind.{row.kind}")),
            number_cell(percent(row.share), row.basis, of=_at(node, "share", row.country, row.kind)),
            number_cell(plain(row.amount), row.basis, of=_at(node, "supplied", row.country, row.kind)),
            text_cell(view.say(f"node.basis.{row.basis}")),
        ]
        for row in node.suppliers[:MOST_SUPPLIERS]
    ]
    rest = node.suppliers[MOST_SUPPLIERS:]
    more = view.say("node.more", count=len(rest), share=percent(sum(row.share for row in rest)))
    return table(view.say("node.suppliers"), head, rows) + (
        tag("p", escape(more), class_="meta") if rest else ""
    )


def _users(view: View, node: Node) -> str:
    if not node.users:
        return tag("p", escape(view.say("node.users.none")))
    head = tuple(view.say(f"node.{key}") for key in ("user", "stops", "without", "basis"))
    rows = [
        [
            Cell(tag("a", escape(row.name), href=_link(view, row.product, node.market), lang=view.foreign)),
            number_cell(percent(row.stops), row.basis, of=_at(node, "stops", row.product)),
            number_cell(percent(1.0 - row.stops), row.basis, of=_at(node, "without", row.product)),
            text_cell(view.say(f"node.basis.{row.basis}")),
        ]
        for row in node.users
    ]
    said = view.say("node.users")
    rows_told = table(said, head, rows, hidden_caption=True)
    return tag("h3", escape(said)) + tag("p", escape(view.say("node.users.note")), class_="sub") + rows_told


def _link(view: View, product: str, place: str) -> str:
    return view.link("/network", product=product, place=place) + "#node"
