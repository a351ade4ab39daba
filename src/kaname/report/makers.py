"""The makers of the targets: how they are named, and the table of until when each can be fed."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.network.network import Network
from kaname.report import words
from kaname.report.address import of
from kaname.report.caserun import CaseDigest
from kaname.report.chartspec import HeatSpec
from kaname.report.onset import Maker, Onset
from kaname.terms.language import say

HEAT_ROWS = 24


def maker_name(network: Network, market: str, product: str) -> str:
    """Name makers: `Motor vehicles, Japan`; an equipment line goes by its country alone."""
    item = next(p for p in network.products if p.id == product)
    place = next(m for m in network.markets if m.id == market)
    home = next((m.name for m in network.markets if m.id == place.country), place.name)
    return say(
        "{product}, {market}", product=item.name, market=home if item.stage == "equipment" else place.name
    )


def maker_parts(network: Network, market: str, product: str) -> tuple[str, str]:
    """Return the name and the place of makers, as `maker_name` has them together."""
    item = next(p for p in network.products if p.id == product)
    place = next(m for m in network.markets if m.id == market)
    home = next((m.name for m in network.markets if m.id == place.country), place.name)
    return item.name, home if item.stage == "equipment" else place.name


def heat_table(
    network: Network, runs: Sequence[CaseDigest], watched: Sequence[tuple[str, str]]
) -> HeatSpec | None:
    """Return makers x cases: the share of output lost over the horizon in the central draw."""
    cells, texts, notes = [], [], []
    shown = _spread([key for key in watched if _ever_short(key, runs)])
    for market, product in shown:
        found = [run.makers.get((market, product)) for run in runs]
        cells.append(tuple(None if maker is None else maker.lost for maker in found))
        notes.append(tuple("" if maker is None else _lost(maker) for maker in found))
        onsets = [run.onset(market, product) for run in runs]
        texts.append(tuple(_cell(item) for item in onsets))
    if not cells:
        return None
    return HeatSpec(
        say("Until when each maker can be fed"),
        say(
            "First week in which the makers' output is short in the central case; below it, 5 to 95 % of the "
            "draws that fall short, and the lowest output; shade: output lost over the horizon. Their "
            "customers live on stock for some weeks longer."
        ),
        tuple(maker_name(network, *key) for key in shown),
        tuple(run.title for run in runs),
        tuple(cells),
        "share",
        tuple(texts),
        tuple(notes),
        tuple(tuple(of(run.id, "maker", i, "first") for run in runs) for i in range(len(shown))),
    )


def _spread(makers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the first `HEAT_ROWS` makers, but none of a country beyond its even part while another waits."""
    countries = {market.split("/")[0] for market, _ in makers}
    part, held, kept = HEAT_ROWS // max(len(countries), 1), dict.fromkeys(countries, 0), set()
    for market, product in makers:
        country = market.split("/")[0]
        if held[country] < part:
            held[country] += 1
            kept.add((market, product))
    rest = [key for key in makers if key not in kept][: HEAT_ROWS - len(kept)]
    return [key for key in makers if key in kept or key in rest]


def _lost(maker: Maker) -> str:
    """Say what share of the output is lost, with its band; and the median of the first week short."""
    lost = maker.lost_band
    text = say("{share} of output lost", share=words.share(maker.lost))
    if lost.high > 0.0:
        text += say(
            " ({low} to {high}, median {median})",
            low=words.share(lost.low),
            high=words.share(lost.high),
            median=words.share(lost.median),
        )
    return text + (say("; median week {week}", week=maker.onset.median) if maker.onset else "")


def _ever_short(key: tuple[str, str], runs: Sequence[CaseDigest]) -> bool:
    """Tell whether a maker falls short in the central draw of any case."""
    found = [run.onset(*key) for run in runs]
    return any(item is not None and item.week for item in found)


def _cell(found: Onset | None) -> str:
    if found is None:
        return say("fed")
    span = f"{found.early}"
    if found.early != found.late:
        span = say("{early}\N{EN DASH}{late}", early=found.early, late=found.late)
    if not found.week:
        return say("fed in {share}\nof draws", share=words.share(found.never))
    return say("week {week}\n{span}, {share}", week=found.week, span=span, share=words.share(found.worst))
