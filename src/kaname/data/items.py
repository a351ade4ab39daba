"""What an indicator can be asked of: trade codes, raw materials of the map, and kaname's products."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kaname.data import store
from kaname.data.production import Material, materials
from kaname.terms import codes
from kaname.terms.errors import InputError, Problem

_HS = re.compile(r"(?:HS|H0|HS92|HS1992)?[ :]*(?P<code>\d[\d .\-]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """One thing to report on: its id, its name, and the trade codes that show it (none: no code does)."""

    id: str
    name: str
    hs: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Catalogue:
    """The names that the data know: materials of the map, products and trade codes."""

    root: Path | None = None

    @cached_property
    def materials(self) -> tuple[Material, ...]:
        """Return the raw materials of the map."""
        return materials(self.root)

    @cached_property
    def products(self) -> Mapping[str, dict[str, Any]]:
        """Return the rows of our products that are counted in tonnes, by id."""
        rows = store.own_table("products", self.root).to_pylist()
        return {row["product"]: row for row in rows if row["unit"] == "t"}

    @cached_property
    def lines(self) -> tuple[dict[str, Any], ...]:
        """Return the rows of `trade_codes.csv`: what the goods under each code are."""
        return tuple(store.own_table("trade_codes", self.root).to_pylist())

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Return the text of each code that the trade data hold."""
        return {row["hs"]: row["description"] for row in store.hs_products(self.root).to_pylist()}

    @cached_property
    def codes_of(self) -> Mapping[str, tuple[str, ...]]:
        """Return the codes of each product: those whose default split names it."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if line["exporter"] == "*" and line["hs"] in self.titles:
                found.setdefault(line["product"], []).append(line["hs"])
        return {product: tuple(sorted(set(hs))) for product, hs in found.items()}

    def traded_items(self, product: str | None) -> tuple[Item, ...]:
        """Return what imports can be told of: all codes, or what `product` names, its codes together."""
        if product is None:
            return tuple(self._code(hs) for hs in sorted(self.titles))
        material, own, hs = self._find(product)
        if material is not None:
            return (Item(material.name, material.name, material.hs, material.note),)
        if own:
            note = "" if own in self.codes_of else "no HS 1992 code shows it apart"
            return (Item(own, self.products[own]["name"], self.codes_of.get(own, ()), note),)
        return (self._code(hs),)

    def materials_of(self, product: str | None) -> tuple[Material, ...]:
        """Return all materials of the map, or those that `product` names, is part of, or is a code of."""
        if product is None:
            return self.materials
        material, own, hs = self._find(product)
        if material is not None:
            return (material,)
        wanted = set(self.codes_of.get(own, ())) if own else {hs}
        found = [one for one in self.materials if own in one.products or wanted & set(one.hs)]
        if not found:
            fix = f"Ask for a material: {', '.join(one.name for one in self.materials)}"
            raise InputError(Problem("no raw material of the map holds this", "--product", product, fix=fix))
        return tuple(found)

    def products_of(self, product: str | None) -> tuple[str, ...]:
        """Return all products in tonnes, or those that `product` names, holds, or is a code of."""
        if product is None:
            return tuple(self.products)
        material, own, hs = self._find(product)
        if own:
            return (own,)
        wanted = set(material.hs) if material is not None else {hs}
        named = set(material.products) if material is not None else set()
        found = [one for one in self.products if one in named or wanted & set(self.codes_of.get(one, ()))]
        if not found:
            fix = f"Ask for a product: {', '.join(self.products)}"
            raise InputError(Problem("no product of kaname is made of this", "--product", product, fix=fix))
        return tuple(found)

    def _code(self, hs: str) -> Item:
        return Item(f"hs{hs}", self.titles[hs], (hs,))

    def _find(self, text: str) -> tuple[Material | None, str, str]:
        """Return the material, the product or the code of a text, the others None or ''."""
        plain = text.strip().casefold()
        for one in self.materials:
            if plain == one.name.casefold():
                return one, "", ""
        if plain in self.products:
            return None, plain, ""
        if match := _HS.fullmatch(text.strip().removeprefix("hs")):
            hs = codes.hs_code(match["code"], where="--product")
            store.years_with_data(hs, self.root)  # DataMissing with the nearest codes for an unknown one
            return None, "", hs
        names = {one.name.casefold(): one.name for one in self.materials}
        close = codes.near(plain, [*names, *self.products])
        shown = " or ".join(names.get(word, word) for word in close)
        fix = f"Did you mean {shown}?" if close else f"Materials: {_joined(names.values())}"
        expected = "a raw material, a product of kaname or an HS code of edition 1992"
        raise InputError(Problem("unknown product", "--product", repr(text), expected, fix))


def _joined(words: Iterable[str]) -> str:
    return ", ".join(words)
