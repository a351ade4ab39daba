"""Why: the trees of causes that a report shows (rule M12)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kaname.network.network import SUPPLIER_KINDS, Network
from kaname.report import words
from kaname.report.caserun import CaseRun
from kaname.report.model import CauseNode, ShortfallRow
from kaname.report.reading import who
from kaname.scenario.scenario import Scenario
from kaname.simulate.why import Cause, Explainer
from kaname.terms.language import ENGLISH, japanese, later, later_of, say, speaking, text_of

WHY_PER_CASE = 5
LESS_WANTED = later("users wanted less than usual")[0]
SMALLEST_CAUSE = 0.005
SUFFIXES = later(", in goods from the segment's country", ", on the way round", ", no way round")
"""What compiling adds to the label of a part."""
CAUSE_KINDS = {
    "permission": "restriction",
    "pool": "restriction",
    "capacity": "capacity",
    "route": "route",
    "demand": "demand",
    "extra_use": "demand",
    "ordered_less": "demand",
    "price": "demand",
    "avoided": "resourcing",
    "rationing": "stock",
    "extra": "resourcing",
    "stock": "stock",
    "reserve": "reserve",
}


def worst_causes(network: Network, run: CaseRun, rows: Sequence[ShortfallRow]) -> list[tuple[str, CauseNode]]:
    """Explain the rows that matter most: in focus, then equipment and magnets, by target and by lost use."""
    order = [target.split("/")[0] for target in run.scenario.targets]

    def rank(row: ShortfallRow) -> tuple[bool, bool, int, float]:
        other = row.stage not in ("magnet", "equipment")
        place = order.index(row.market.split("/")[0])
        return (row.product not in run.scenario.focus, other, place, -row.lost_output_share)

    found: list[tuple[str, CauseNode]] = []
    explainer = _explainer(network, run)
    for row in sorted(rows, key=rank):
        if len(found) == WHY_PER_CASE:
            break
        if row.lost_output_share > SMALLEST_CAUSE and row.days_to_shortfall is not None:
            tree = _tree(network, run, explainer, network.consumer_index(row.market, row.product))
            if tree is not None:
                found.append((who(row), tree))
    return found


def cause_tree(network: Network, run: CaseRun, consumer: int) -> CauseNode | None:
    """Return why a consumer lost use over the whole horizon (rule M12); None where it lost nothing."""
    return _tree(network, run, _explainer(network, run), consumer)


def _explainer(network: Network, run: CaseRun) -> Explainer:
    parts = label_pairs(run.scenario)
    said = {key: with_names(network, _relabelled(text, parts)) for key, text in run.row_labels.items()}
    return run.explainer.told({**name_labels(network), **said})


def label_pairs(scenario: Scenario) -> list[tuple[str, str]]:
    """Return (English, as it is spoken now) of the labels of a scenario's parts, the longest first."""
    spoken = _labels(scenario)
    with speaking(ENGLISH):
        english = _labels(scenario)
    return sorted(zip(english, spoken, strict=True), key=lambda pair: -len(pair[0]))


def _labels(scenario: Scenario) -> list[str]:
    return [
        *(part.label for part in scenario.restrictions),
        *(part.label for part in scenario.losses),
        *(part.label for part in scenario.surges),
        *(part.label for part in scenario.closures),
        *(part.label for part in scenario.measures),
    ]


def _relabelled(text: str, parts: Sequence[tuple[str, str]]) -> str:
    """Return a label of a compiled row with the labels of scenario parts in it as they are spoken now."""
    for english, spoken in parts:
        text = text.replace(english, spoken)
    for suffix in SUFFIXES:
        text = text.replace(suffix, say(suffix))
    return text.replace("; ", "；") if japanese() else text


def _tree(network: Network, run: CaseRun, explainer: Explainer, consumer: int) -> CauseNode | None:
    causes = explainer.why(consumer, 0, run.scenario.periods - 1)
    if causes.lost_use <= 0.0:
        return None
    unit = network.products[network.consumer_product[consumer]].unit
    return _node(causes.tree, causes.lost_use, unit)


def _node(cause: Cause, total: float, unit: str) -> CauseNode:
    """Turn a cause into a node; children below half a percent are summed up, so that all still adds up."""
    large = [child for child in cause.children if abs(child.amount) >= SMALLEST_CAUSE * abs(total)]
    small = sum(child.amount for child in cause.children) - sum(child.amount for child in large)
    children = [_node(child, total, unit) for child in large]
    if cause.children and abs(small) > 1e-9 * abs(total):
        children.append(CauseNode(say("smaller causes"), small / total, small, unit, "other"))
    kind = CAUSE_KINDS.get(cause.kind, "input")
    label = say(LESS_WANTED) if cause.kind == "extra_use" and cause.amount < 0.0 else cause.label
    return CauseNode(label, cause.amount / total, cause.amount, unit, kind, tuple(children))


MADE = later_of(
    {
        "reexport": "{product} passed on by {place}",
        "recycling": "{product} recycled in {place}",
        "unrecorded": "{product} unrecorded supply in {place}",
        "": "{product} made in {place}",
    }
)


def name_labels(network: Network) -> dict[tuple[str, int], str]:
    """Return the words for users, suppliers and inputs: names instead of ids."""
    labels: dict[tuple[str, int], str] = {}
    for n in range(network.n_consumers):
        product = network.products[network.consumer_product[n]].name
        place = network.markets[network.consumer_market[n]].name
        labels[("consumer", n)] = say("{product} in {place}", product=words.inline(product), place=place)
    for k in range(network.n_suppliers):
        product = network.products[network.supplier_product[k]].name
        made = MADE.get(SUPPLIER_KINDS[network.supplier_kind[k]], MADE[""])
        place = network.markets[network.supplier_market[k]].name
        labels[("supplier", k)] = say(made, product=words.inline(product), place=place)
    return labels


def with_names(network: Network, text: str) -> str:
    """Return a text with the ids of products and markets in it replaced by their names."""
    names = {product.id: words.inline(product.name) for product in network.products}
    names |= {market.id: market.name for market in network.markets}

    def named(found: re.Match[str]) -> str:
        return names.get(found.group(), text_of(found.group().replace("_", " ")))

    return re.sub(r"[A-Za-z_]+(/[a-z]+)?", named, text)
