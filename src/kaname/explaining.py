"""What stands behind any number of a run, those of the network it ran on included: `kaname explain`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from kaname.baseline import load_baseline
from kaname.network.network import Network
from kaname.nodes import Node, SupplierRow, UserRow, node_of
from kaname.report.address import VALUE
from kaname.report.explained import explained
from kaname.report.explanation import DAYS, INDEX, SHARE, Explained, Given, no_such_number, written
from kaname.report.model import ReportModel
from kaname.report.naming import localised
from kaname.terms.errors import InputError
from kaname.terms.language import say
from kaname.terms.numerals import percent

NODE = "node"
"""First word of the address of a number of the network."""
NODE_ADDRESSES = (
    "node:MARKET:PRODUCT:amount|hhi|cover|reserve",
    "node:MARKET:PRODUCT:share|supplied:COUNTRY:KIND",
    "node:MARKET:PRODUCT:stops|without:PRODUCT",
)


def explain(
    model: ReportModel,
    case_id: str | None = None,
    what: str = VALUE,
    network: Callable[[], Network] | None = None,
) -> Explained:
    """Return what stands behind a number of a run (of a case, without an id of the first).

    `what` is its address: those of `kaname.report.explained`, and of a node of the network `NODE_ADDRESSES`.
    `network` gives the network where one is needed; without it the default one is loaded. Raises DataMissing
    for a case or a number that is not there.
    """
    if what.partition(":")[0] != NODE:
        return explained(model, case_id, what)
    found = network() if network is not None else load_baseline().build.network
    return _of_node(model, localised(found), what)


def told(found: Explained) -> dict[str, Any]:
    """Return the JSON of `kaname explain --json`, in the language that is spoken."""
    content = {
        "case": found.case.id if found.case is not None else None,
        "what": found.what,
        "name": found.name,
        "of": found.who,
        "value": found.value,
        "band": None if found.band is None else list(found.band),
        "unit": found.unit,
        "text": found.text,
        "basis": found.basis,
        "formula": found.made,
        "inputs": [asdict(one) for one in found.inputs],
        "causes": [{"of": title, **asdict(tree)} for title, tree in found.causes],
        "evidence": [asdict(row) for row in found.evidence],
        "sources": [asdict(row) for row in found.sources],
    }
    if found.case is None:
        return content
    behind = {"basis_shares": asdict(found.case.basis_shares), "depends_on": list(found.case.depends_on)}
    if found.what != VALUE:
        return {**content, **behind}
    return {**content, **behind, "value_kusd": found.value, "band_kusd": list(found.band or ())}


def _of_node(model: ReportModel, network: Network, what: str) -> Explained:
    _, market, product, measure, *who = (*what.split(":"), "", "", "")
    try:
        node = node_of(network, market, product)
    except InputError as error:
        raise no_such_number(what, [str(one) for one in error.problems]) from None
    place = say("network, base state of {year}", year=network.base_year)
    made = None if node is None else _number(node, measure, [one for one in who if one], place)
    if node is None or made is None:
        raise no_such_number(what, NODE_ADDRESSES)
    name, value, unit, basis, inputs = made
    return Explained(
        None, what, f"node.{measure}", name, value, unit, basis, inputs=inputs, sources=model.sources
    )  # fmt: skip


Made = tuple[str, float, str, str, tuple[Given, ...]]
"""Of a number: what it is of, value, unit, basis, inputs."""


def _number(node: Node, measure: str, who: Sequence[str], place: str) -> Made | None:
    """Return a number of a node; None for one that it does not have."""
    worst = max(node.bases, key=lambda item: item[1])[0]
    if measure in ("share", "supplied"):
        row = next((one for one in node.suppliers if [one.country, one.kind] == list(who)), None)
        return None if row is None else _supplied(node, measure, row, worst, place)
    if measure in ("stops", "without"):
        user = next((one for one in node.users if [one.product] == list(who)), None)
        return None if user is None else _stopped(node, measure, user)
    stock = Given(
        say("stock at users"), written(node.cover_days, DAYS), node.stock_basis, say("own table of products")
    )
    name = say("{product}, {market}", product=node.product_name, market=node.market_name)
    known: dict[str, Made] = {
        "amount": (name, node.amount, node.unit, worst, _suppliers(node, "supplied", place)),
        "hhi": (name, node.hhi, INDEX, worst, _suppliers(node, "share", place)),
        "cover": (name, node.cover_days, DAYS, node.stock_basis, (stock,)),
        "reserve": (name, node.reserve_days, DAYS, node.stock_basis, ()),
    }
    return None if who else known.get(measure)


def _supplied(node: Node, measure: str, row: SupplierRow, worst: str, place: str) -> Made:
    """Return what a supplier sends, or its share of what arrives."""
    names = {"product": node.product_name, "market": node.market_name, "supplier": row.name}
    name = say("{product}, {market}: from {supplier}", **names)
    everything = written(node.amount, node.unit)
    whole = Given(say("all that arrives in a year"), everything, worst, place, number_of(node, "amount"))
    if measure == "supplied":
        return name, row.amount, node.unit, row.basis, (whole,)
    sent, at = written(row.amount, node.unit), number_of(node, "supplied", row.country, row.kind)
    part = Given(say("from this supplier in a year"), sent, row.basis, place, at)
    return name, row.share, SHARE, row.basis, (part, whole)


def _stopped(node: Node, measure: str, user: UserRow) -> Made:
    """Return what of a user's output stops without the product, or goes on."""
    names = {"product": node.product_name, "market": node.market_name, "user": user.name}
    name = say("{user} without {product}, {market}", **names)
    source = say("own table of recipes")
    recipe = Given(say("dependence in the recipe"), percent(user.stops), user.basis, source)
    share = user.stops if measure == "stops" else 1.0 - user.stops
    return name, share, SHARE, user.basis, (recipe,)


def number_of(node: Node, *parts: str) -> str:
    """Return the address of a number of a node: a measure, and of whom where it is of a supplier or user."""
    return ":".join((NODE, node.market, node.product, *parts))


def _suppliers(node: Node, measure: str, place: str) -> tuple[Given, ...]:
    return tuple(
        Given(
            row.name,
            percent(row.share) if measure == "share" else written(row.amount, node.unit),
            row.basis,
            place,
            number_of(node, measure, row.country, row.kind),
        )
        for row in node.suppliers
    )
