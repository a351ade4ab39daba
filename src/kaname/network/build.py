"""Tables -> Network: trade, controls, estimates, balance, industries, segments, latent lanes, in this
order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaname.data import guards
from kaname.network.accounts import NodeAccount, accounts
from kaname.network.assemble import add_chain, add_latent_lanes, add_process_recipes
from kaname.network.draft import Catalogue, Draft, NetworkRanges, Spread, freeze
from kaname.network.elasticities import elasticities
from kaname.network.estimate import HOME_SHARE, PARTS_HOME_SHARE, estimated_flows
from kaname.network.flows import (
    Factor,
    control_factors,
    known_flows,
    product_flows,
    scale_flows,
    strictest_factor,
    trim,
)
from kaname.network.industries import add_industries, add_segments
from kaname.network.network import Market, Network, Product
from kaname.network.reconcile import Adjustment, Chain, Made, Node, reconcile, unrecorded_supply
from kaname.network.routes import LaneRoutes, Routing, lane_routes
from kaname.network.sources import (
    OUTSIDE,
    REST,
    TRADED_PART,
    Flow,
    Row,
    Sources,
    rows_for_market,
    traded_products,
)
from kaname.terms.errors import Problem, TableError


@dataclass(frozen=True)
class BuildReport:
    """What the builder did to the sources: counts, controls, adjustments, unrecorded supply, flags, and the
    account of every node before and after the balance.
    """

    reported_flows: int
    bundled_flows: int
    latent_lanes: int
    controls: tuple[str, ...]
    adjustments: Sequence[Adjustment]
    unrecorded: tuple[tuple[str, str, float], ...]  # country, product, t a year
    flags: tuple[str, ...]
    accounts: Sequence[NodeAccount] = ()


@dataclass(frozen=True)
class NetworkBuild:
    """The network, the ranges of its assumed arrays, what was done, and how the goods of each lane go."""

    network: Network
    ranges: NetworkRanges
    report: BuildReport
    lane_routes: LaneRoutes


def build_network(sources: Sources, period_days: float = 7.0, solver: str = "qp") -> NetworkBuild:
    """Build the base state of the network from the tables (rules N1-N7). Raises TableError, KanameError."""
    _check_products(sources)
    _check_splits(sources)
    factors, controls = control_factors(sources)
    flows = scale_flows(product_flows(sources), factors)
    kept, bundled = trim(flows)
    draft = Draft()
    routing = Routing(sources, period_days)
    adjustments: list[Adjustment] = []
    unrecorded: list[tuple[str, str, float]] = []
    nodes: list[NodeAccount] = []
    feeds = _process_lines(sources.recipes)
    for names in _linked_products(sources, feeds):
        chain = _chain(names, kept, feeds, sources, factors)
        balanced = reconcile(chain, solver)
        add_chain(draft, balanced, sources, routing)
        adjustments += balanced.adjustments
        nodes += accounts(chain, balanced)
        unrecorded += [(*node, tonnes) for node, tonnes in unrecorded_supply(balanced).items()]
    controls = _after_balance(controls, factors, adjustments)
    add_process_recipes(draft, feeds)
    add_segments(draft, sources, parts=False)
    add_industries(draft, sources)
    add_segments(draft, sources, parts=True)
    latent = add_latent_lanes(draft, routing)
    catalogue = _catalogue(draft, sources, period_days, controls)
    network, ranges = freeze(draft, catalogue)
    report = BuildReport(
        len(flows),
        bundled,
        latent,
        tuple(controls),
        tuple(adjustments),
        tuple(unrecorded),
        tuple(sources.flags),
        tuple(nodes),
    )
    return NetworkBuild(network, ranges, report, lane_routes(network, sources, routing))


def _after_balance(
    notes: Sequence[str], factors: Sequence[Factor], adjustments: Sequence[Adjustment]
) -> list[str]:
    """Add to the sentence of each control that scales flows what the balance made of its factor.

    The balance takes scaled flows as a start like any other, so what needs them can pull them up again.
    """
    controlled = {product for _, _, product, _ in factors}
    lanes = []
    for item in adjustments:
        exporter, joint, importer = item.place.partition(" to ")
        if joint and (item.product in controlled or "*" in controlled):
            lanes.append(
                (Flow(item.product, exporter, importer, item.before_t, 0.0, 0, item.before_t), item.after_t)
            )
    waiting, told = iter(factors), []
    for note in notes:
        if ", base flows x " not in note:
            told.append(note)
            continue
        factor = next(waiting)
        strictest = [(flow, after) for flow, after in lanes if strictest_factor(flow, factors) == factor[3]]
        met = [(flow.tonnes, after) for flow, after in strictest if strictest_factor(flow, [factor]) < 1.0]
        before = sum(t for t, _ in met)
        after = f"x {factor[3] * sum(t for _, t in met) / before:.2g}" if before > 0.0 else "no such flow"
        told.append(f"{note} ({after} after the balance)")
    return told


def _linked_products(sources: Sources, feeds: Mapping[str, Sequence[Row]]) -> list[frozenset[str]]:
    """Group the traded products that feed one another: each group is balanced at once."""
    group = {row["product"]: {row["product"]} for row in sources.products if row["unit"] != "index"}
    for output, rows in feeds.items():
        for row in rows:
            joined = group[output] | group[row["input"]]
            for name in joined:
                group[name] = joined
    return sorted({frozenset(names) for names in group.values()}, key=min)


def _chain(
    names: frozenset[str],
    flows: Sequence[Flow],
    feeds: Mapping[str, Sequence[Row]],
    sources: Sources,
    factors: Sequence[Factor],
) -> Chain:
    """Collect what one balance needs, with estimated lanes for the stages without trade data."""
    products = [row for row in sources.products if row["product"] in names]
    traded = traded_products(sources)
    made: dict[Made, float] = defaultdict(float)
    for row in sources.production:
        if (
            row["product"] in names
            and int(row["year"]) == sources.base_year
            and float(row["production_t"] or 0.0) > 0.0
        ):
            made[(row["market"], row["product"], row["kind"])] += float(row["production_t"])
    lines = {
        (country, product): [
            (row["input"], float(row["input_per_output"]))
            for row in rows_for_market(feeds.get(product, ()), country)
        ]
        for country, product, kind in made
        if kind == "processing"
    }
    needs = _processing_needs(made, lines)
    final: dict[Node, float] = {}
    own = [flow for flow in flows if flow.product in names]
    for row in products:
        if guards.without_code(row["product"], traded):
            keyed = _keyed_final(row["product"], made, needs, sources)
            final.update(keyed)
            own += scale_flows(_guess(row, made, needs, keyed, sources), factors)
    return Chain(dict(made), own, lines, final)


def _processing_needs(
    made: Mapping[Made, float], lines: Mapping[Node, Sequence[tuple[str, float]]]
) -> dict[Node, float]:
    needs: dict[Node, float] = defaultdict(float)
    for (country, product, kind), tonnes in made.items():
        if kind == "processing":
            for source, input_per_output in lines.get((country, product), ()):
                needs[(country, source)] += input_per_output * tonnes
    return needs


def _keyed_final(
    product: str, made: Mapping[Made, float], needs: Mapping[Node, float], sources: Sources
) -> dict[Node, float]:
    """Spread what the next stage leaves of world output over countries by the use keys, the remainder to
    ROW.
    """
    world = sum(t for (_, p, _), t in made.items() if p == product)
    left = world - sum(t for (_, p), t in needs.items() if p == product)
    keys = {row["market"]: float(row["share"]) for row in sources.use_keys if row["product"] == product}
    if left <= 0.0 or not keys:
        return {}
    keys[REST] = keys.get(REST, 0.0) + max(0.0, 1.0 - sum(keys.values()))
    return {(market, product): left * share for market, share in keys.items() if share > 0.0}


def _guess(
    row: Row,
    made: Mapping[Made, float],
    needs: Mapping[Node, float],
    keyed: Mapping[Node, float],
    sources: Sources,
) -> list[Flow]:
    product = row["product"]
    output: dict[str, float] = defaultdict(float)
    for (country, name, _), tonnes in made.items():
        if name == product:
            output[country] += tonnes
    need: dict[str, float] = defaultdict(float)
    for (country, name), tonnes in [*needs.items(), *keyed.items()]:
        if name == product:
            need[country] += tonnes
    known = [flow for flow in known_flows(sources) if flow.product == product]
    home = PARTS_HOME_SHARE if row["unit"] == TRADED_PART else HOME_SHARE
    return estimated_flows(product, output, need, known, float(row["price_kusd_per_t"] or 0.0), home)


def _process_lines(recipes: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in recipes:
        if row["input_per_output"] is not None:
            found[row["output"]].append(row)
    return dict(found)


def _check_products(sources: Sources) -> None:
    """Refuse tables that name products the product table does not know."""
    known = {row["product"] for row in sources.products} | {OUTSIDE}
    named = [("trade_codes", r["product"]) for r in sources.trade_codes]
    named += [("stage_corrections", r["product"]) for r in sources.stage_corrections]
    named += [("production", r["product"]) for r in sources.production]
    named += [("known_flows", r["product"]) for r in sources.known_flows]
    named += [("recipes", p) for r in sources.recipes for p in (r["output"], r["input"])]
    named += [("use_keys", r["product"]) for r in sources.use_keys]
    named += [("segments", p) for r in sources.segments for p in (r["product"], r["input"])]
    unknown = sorted({item for item in named if item[1] not in known})
    if unknown:
        raise TableError(
            [
                Problem(f"unknown product {p}", t, fix="Add it to products.csv or mend the id.")
                for t, p in unknown
            ]
        )


def _check_splits(sources: Sources) -> None:
    """Refuse a code whose flows would vanish or grow: no default split, or shares that do not add up to 1."""
    total: dict[tuple[str, str], float] = defaultdict(float)
    for row in sources.trade_codes:
        total[(row["hs"], row["exporter"])] += float(row["share"])
    faults = [
        Problem(f"no default split of HS {hs}", "trade_codes", fix="Add rows with exporter *.")
        for hs in sorted({row.hs for row in sources.trade})
        if (hs, "*") not in total
    ]
    for row in sources.stage_corrections:
        if int(row["year_from"]) <= sources.base_year <= int(row["year_to"]):
            total[(row["hs"], f"{row['exporter']} to {row['importer']}")] += float(row["share"])
    faults += [
        Problem(f"shares of HS {hs} from {exporter} add up to {share:.4f}", "splits", expected="1")
        for (hs, exporter), share in sorted(total.items())
        if abs(share - 1.0) > 1e-6
    ]
    if faults:
        raise TableError(faults)


def _catalogue(draft: Draft, sources: Sources, period_days: float, notes: Sequence[str]) -> Catalogue:
    products = tuple(_product(row, sources) for row in sources.products)
    reserve = {
        (row["market"], row["product"]): Spread(
            float(row["reserve_days"]), float(row["low"]), float(row["high"])
        )
        for row in sources.reserves
    }
    return Catalogue(
        products=products,
        markets=_markets(draft, sources),
        cover={r["product"]: _spread(r, "cover_days", "cover") for r in sources.products},
        headroom={r["product"]: _spread(r, "headroom", "headroom") for r in sources.products},
        reserve=reserve,
        value_kusd={(r["market"], r["industry"]): float(r["value_added_kusd"]) for r in sources.industries},
        base_year=sources.base_year,
        period_days=period_days,
        notes=tuple(notes),
        elasticities=elasticities(products, sources.elasticities),
    )


def _spread(row: Row, name: str, stem: str) -> Spread:
    return Spread(float(row[name]), float(row[f"{stem}_low"]), float(row[f"{stem}_high"]))


def _product(row: Row, sources: Sources) -> Product:
    codes = {r["hs"] for r in sources.trade_codes if r["product"] == row["product"]}
    price = row["price_kusd_per_t"]
    return Product(
        row["product"],
        row["name"],
        row["element"] or "",
        row["stage"],
        row["unit"],
        row["content"] or "",
        tuple(sorted(codes)),
        float(price) if price is not None else float("nan"),
        row["grade"],
    )


def _markets(draft: Draft, sources: Sources) -> tuple[Market, ...]:
    ids = {s.market for s in draft.suppliers} | {c.market for c in draft.consumers}
    found = []
    for market in sorted(ids):
        country, _, segment = market.partition("/")
        name = "Rest of the world" if country == REST else sources.names.get(country, country)
        found.append(Market(market, f"{name}, {segment}" if segment else name, country, segment))
    return tuple(found)
