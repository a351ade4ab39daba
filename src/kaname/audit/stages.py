"""Findings stage by stage: what output, trade and prices say of each product before any balance."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kaname.audit.findings import Finding, finding
from kaname.data import guards
from kaname.network.flows import product_flows
from kaname.network.sources import REST, Flow, Row, Sources, traded_products

ENTREPOTS = ("NLD", "HKG", "SGP", "BEL")
HUB_SHARE, ENTREPOT_SHARE = 0.005, 0.0005  # of the exports of all countries, from which an exporter is listed
STAGE_GAP = 0.25  # share of trade less share of output, from which trade misleads about a stage
PRICE_FACTOR = 2.0  # value under a code over what its contents are worth at cited prices
DISPUTE = 1.05  # high over low of two editions or sources
NOTHING_T = 1e-6
_NAMED = re.compile(r"MCS 20\d\d|World Mining Data|IEA|BGS|BACI|USGS|customs|company")
Node = tuple[str, str]  # country, product


@dataclass(frozen=True)
class Stages:
    """Output, imports and exports by (country, product) in contained tonnes of the base year, as reported."""

    sources: Sources
    flows: Sequence[Flow]
    made: Mapping[Node, float]
    imports: Mapping[Node, float]
    exports: Mapping[Node, float]
    world_made: Mapping[str, float]
    world_exports: Mapping[str, float]


def stages(sources: Sources) -> Stages:
    """Return the sums that the findings rest on. Flows are those before controls, bundles and the balance."""
    known = {row["product"] for row in sources.products}
    flows = [flow for flow in product_flows(sources) if flow.product in known]
    made: defaultdict[Node, float] = defaultdict(float)
    imports: defaultdict[Node, float] = defaultdict(float)
    exports: defaultdict[Node, float] = defaultdict(float)
    world_made: defaultdict[str, float] = defaultdict(float)
    world_exports: defaultdict[str, float] = defaultdict(float)
    for row in sources.production:
        if int(row["year"]) == sources.base_year:
            made[(row["market"], row["product"])] += float(row["production_t"] or 0.0)
            world_made[row["product"]] += float(row["production_t"] or 0.0)
    for flow in flows:
        imports[(flow.importer, flow.product)] += flow.tonnes
        exports[(flow.exporter, flow.product)] += flow.tonnes
        world_exports[flow.product] += flow.tonnes
    return Stages(sources, flows, made, imports, exports, world_made, world_exports)


def without_code(found: Stages) -> Iterator[Finding]:
    """Yield the products in tonnes that no HS code shows: their lanes are estimated."""
    traded = traded_products(found.sources)
    known = {row["product"] for row in found.sources.known_flows}
    for row in found.sources.products:
        name = row["product"]
        if row["unit"] != "t" or not guards.without_code(name, traded):
            continue
        makers = sum(tonnes > 0.0 for (_, product), tonnes in found.made.items() if product == name)
        also = " and flows known from elsewhere" if name in known else ""
        yield finding(
            "no_code",
            found.sources.base_year,
            f"No trade code shows {row['name']}; {makers} makers, lanes estimated",
            float(found.world_made.get(name, 0.0) * float(row["price_kusd_per_t"] or 0.0)),
            product=name,
            new=found.world_made.get(name),
            method=f"lanes from output and use keys{also}, marked estimated or assumed",
        )


def misleading_trade(found: Stages) -> Iterator[Finding]:
    """Yield the products of which the largest maker's share of exports is far from its share of output."""
    for product, world in sorted(found.world_made.items()):
        exported = found.world_exports.get(product, 0.0)
        if world <= 0.0 or exported <= 0.0:
            continue
        (country, _), tonnes = max(
            ((node, tonnes) for node, tonnes in found.made.items() if node[1] == product),
            key=lambda item: (item[1], item[0]),
        )
        output, trade = tonnes / world, found.exports.get((country, product), 0.0) / exported
        if abs(output - trade) >= STAGE_GAP:
            yield finding(
                "stage",
                found.sources.base_year,
                f"{country} makes {output:.0%} of {product} but sends {trade:.0%} of the trade in it",
                abs(output - trade),
                product=product,
                place=country,
                old=trade,
                new=output,
                unit="share",
                method="output from production by stage, not from trade",
            )


def gross_weights(found: Stages) -> Iterator[Finding]:
    """Yield the codes whose gross weight is turned into contained metal or oxide, with factor and source."""
    gross: defaultdict[Node, float] = defaultdict(float)
    held: defaultdict[Node, float] = defaultdict(float)
    splits: defaultdict[Node, list[Row]] = defaultdict(list)
    for row in found.sources.trade_codes:
        splits[(row["hs"], row["exporter"])].append(row)
    for trade in found.sources.trade:
        own, default = splits.get((trade.hs, trade.exporter)), splits.get((trade.hs, "*"))
        for part in guards.stage_parts(None, own, default):
            key = (trade.hs, part["product"])
            gross[key] += trade.quantity_t * float(part["share"])
            held[key] += guards.contained_t(
                trade.quantity_t, float(part["share"]), float(part["content_factor"])
            )
    content = {row["product"]: row["content"] for row in found.sources.products}
    for (hs, product), tonnes in sorted(gross.items()):
        if product not in content or abs(held[(hs, product)] - tonnes) <= 1e-9 * tonnes:
            continue
        rows = [row for row in found.sources.trade_codes if (row["hs"], row["product"]) == (hs, product)]
        row = next((row for row in rows if row["exporter"] == "*"), rows[0])
        factor = held[(hs, product)] / tonnes
        yield finding(
            "gross_weight",
            found.sources.base_year,
            f"HS {hs} counts {tonnes:,.0f} t gross of {product}, which hold {held[(hs, product)]:,.0f}"
            f" {content[product]} (x {factor:.3g})",
            abs(1.0 - factor),
            hs=hs,
            product=product,
            old=tonnes,
            new=held[(hs, product)],
            method=f"x {factor:.3g} on average, {row['grade']}: {row['source'].removeprefix('assumed: ')}",
        )


def disputed_output(found: Stages) -> Iterator[Finding]:
    """Yield the outputs of which two editions or sources disagree; both are kept as the range."""
    for row in found.sources.production:
        low, high, note = row["low_t"], row["high_t"], row["note"] or ""
        if int(row["year"]) != found.sources.base_year or low is None or high is None or not note:
            continue
        if len(set(_NAMED.findall(note))) < 2 or high <= DISPUTE * max(low, NOTHING_T):
            continue
        world = found.world_made.get(row["product"], 0.0)
        yield finding(
            "disagree",
            found.sources.base_year,
            f"{row['market']}, {row['product']}: {low:,.0f} to {high:,.0f} t,"
            f" {row['production_t']:,.0f} taken ({note})",
            (high - low) / world if world > 0.0 else 0.0,
            product=row["product"],
            place=row["market"],
            old=low,
            new=high,
            method=f"central {row['production_t']:,.1f} t from {row['source']}; the other sets the range",
        )


def negative_use(found: Stages) -> Iterator[Finding]:
    """Yield the nodes where output plus imports less exports, as reported, is below nothing."""
    for country, product in sorted(set(found.exports) | set(found.made)):
        node = (country, product)
        output, into = found.made.get(node, 0.0), found.imports.get(node, 0.0)
        out = found.exports.get(node, 0.0)
        if country == REST or output + into - out >= -NOTHING_T:
            continue
        yield finding(
            "negative",
            found.sources.base_year,
            f"{country}, {product}: {output:,.1f} t made + {into:,.1f} imported - {out:,.1f} exported ="
            f" {output + into - out:,.1f} t",
            (out - output - into) / max(found.world_exports.get(product, 0.0), NOTHING_T),
            product=product,
            place=country,
            old=output + into - out,
            method="the balance closes the node; see kaname data balance",
        )


def hubs(found: Stages) -> Iterator[Finding]:
    """Yield the countries that export what they do not make, from a share of the product's exports on."""
    for (country, product), tonnes in sorted(found.exports.items()):
        if found.made.get((country, product), 0.0) > 0.0 or country == REST:
            continue
        share = tonnes / found.world_exports[product]
        if share < (ENTREPOT_SHARE if country in ENTREPOTS else HUB_SHARE):
            continue
        into = found.imports.get((country, product), 0.0)
        yield finding(
            "hub",
            found.sources.base_year,
            f"{country} exports {tonnes:,.1f} t of {product}, {share:.1%} of the trade, and makes none"
            f" (imports {into:,.1f} t)",
            share,
            product=product,
            place=country,
            old=tonnes,
            new=guards.reexported_t(into, tonnes, 0.0),
            method="re-exports as far as imports reach; the rest is unrecorded supply or cut by the balance",
        )


def odd_unit_values(found: Stages) -> Iterator[Finding]:
    """Yield the codes whose reported value is far from what their contents are worth at cited prices."""
    prices = {row["product"]: row["price_kusd_per_t"] for row in found.sources.products}
    splits: defaultdict[Node, list[Row]] = defaultdict(list)
    for row in found.sources.trade_codes:
        splits[(row["hs"], row["exporter"])].append(row)
    value: defaultdict[str, float] = defaultdict(float)
    worth: defaultdict[str, float] = defaultdict(float)
    names: defaultdict[str, set[str]] = defaultdict(set)
    for trade in found.sources.trade:
        parts = splits.get((trade.hs, trade.exporter)) or splits.get((trade.hs, "*")) or []
        if trade.quantity_t <= 0.0 or any(prices.get(part["product"]) is None for part in parts):
            continue
        names[trade.hs] |= {part["product"] for part in parts}
        value[trade.hs] += trade.value_kusd
        for part in parts:
            held = guards.contained_t(trade.quantity_t, float(part["share"]), float(part["content_factor"]))
            worth[trade.hs] += held * float(prices[part["product"]] or 0.0)
    for hs in sorted(value):
        ratio = value[hs] / worth[hs] if worth[hs] > 0.0 else 1.0
        if 1.0 / PRICE_FACTOR <= ratio <= PRICE_FACTOR:
            continue
        yield finding(
            "unit_value",
            found.sources.base_year,
            f"HS {hs} is worth {value[hs] / 1e3:,.1f} M USD as reported, {worth[hs] / 1e3:,.1f} M at cited"
            f" prices (x {ratio:.2g})",
            max(ratio, 1.0 / ratio if ratio > 0.0 else 1e9),
            hs=hs,
            product=";".join(sorted(names[hs])),
            old=value[hs],
            new=worth[hs],
            unit="kUSD",
            method="cited prices are used; the unit value only screens weights",
        )


CHECKS = (
    without_code,
    misleading_trade,
    gross_weights,
    disputed_output,
    negative_use,
    hubs,
    odd_unit_values,
)
"""All of the above, in the order of the traps."""
