"""Names in a scenario -> masks over the network's markets and products; all unknown names told at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kaname.network.network import Network
from kaname.terms.errors import Problem

Bools = NDArray[np.bool_]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint: the nearest known words, or all of them where they are few and none is near."""
    words = sorted(set(known))
    lower = {item.lower(): item for item in words}
    near = [lower[hit] for hit in difflib.get_close_matches(word.lower(), lower, n=3, cutoff=0.55)]
    if near:
        return "Did you mean " + " or ".join(f"`{item}`" for item in near) + "?"
    if len(words) <= 30:
        return "Known: " + ", ".join(words) + "."
    return ""


def _slug(element: str | None) -> str:
    """Return an element's name as it is written in a scenario: `rare earths Nd/Pr` -> `rare_earths_nd_pr`."""
    return re.sub(r"[^a-z0-9]+", "_", (element or "").lower())


def _within(name: str, element: str | None) -> bool:
    """Tell whether a name is that of the element, or of a family that the element's name begins with."""
    return bool(element) and f"{_slug(element)}_".startswith(f"{name}_")


def stands_for(name: str, ident: str, element: str | None, stage: str) -> bool:
    """Tell whether a name in a scenario stands for a product: '*', its id, element, family or stage."""
    return name in ("*", ident, stage, element) or _within(name, element)


class Resolver:
    """Looks names up in one network and collects a Problem for each that it does not know."""

    def __init__(self, network: Network) -> None:
        """Prepare the names of the network."""
        self.network = network
        self.problems: list[Problem] = []  # unknown names
        self.idle: list[Problem] = []  # known names that touch nothing
        self._market_ids = [market.id for market in network.markets]
        self.country = np.array([market.country for market in network.markets], dtype=object)

    def market(self, name: str, where: str) -> Bools:
        """Return (markets,) the market of that id; a country brings its segments."""
        hit = self._one_market(name)
        if not hit.any():
            self._unknown("market", name, where, self._market_ids)
        return hit

    def markets(self, names: Sequence[str], where: str) -> Bools:
        """Return (markets,) the markets of the ids; a country brings its segments, '*' is all."""
        mask = np.zeros(len(self._market_ids), dtype=np.bool_)
        for i, name in enumerate(names):
            mask |= np.ones_like(mask) if name == "*" else self.market(name, f"{where}[{i}]")
        return mask

    def _one_market(self, name: str) -> Bools:
        """Return (markets,) the market of that id and its segments."""
        return np.array([m == name or m.startswith(f"{name}/") for m in self._market_ids], dtype=np.bool_)

    def named_segments(self, names: Sequence[str]) -> Bools:
        """Return (markets,) the segments that are named themselves, not only through their country or '*'."""
        return np.array([bool(m.segment) and m.id in names for m in self.network.markets], dtype=np.bool_)

    def products(self, names: Sequence[str], where: str) -> Bools:
        """Return (products,) the products that ids, element names, stage names or '*' stand for."""
        mask = np.zeros(len(self.network.products), dtype=np.bool_)
        for i, name in enumerate(names):
            hit = self.product(name)
            if not hit.any():
                known = [w for p in self.network.products for w in (p.id, _slug(p.element), p.stage) if w]
                self._unknown("product", name, f"{where}[{i}]", known)
            mask |= hit
        return mask

    def product(self, name: str) -> Bools:
        """Return (products,) the products that one name stands for; an id goes before an element or stage.

        `rare_earths` stands for every element group that begins so, such as `rare earths Nd/Pr`.
        """
        by_id = np.array([name in ("*", p.id) for p in self.network.products], dtype=np.bool_)
        if by_id.any():
            return by_id
        return np.array(
            [name in (p.stage, p.element) or _within(name, p.element) for p in self.network.products],
            dtype=np.bool_,
        )

    def _unknown(self, what: str, name: str, where: str, known: Iterable[str]) -> None:
        """Record an unknown name."""
        expected = (
            "a market id of the network" if what == "market" else "a product id, element or stage, or '*'"
        )
        self.problems.append(Problem(f"unknown {what}", where, f"`{name}`", expected, nearest(name, known)))
