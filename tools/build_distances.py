"""Compute sea distances between countries, the straits they pass, and the way round when one is closed.

    python tools/build_distances.py [--out DIR]

Reads `ports.csv` (our own table: one port per country, more where a country lies on two seas; a landlocked
country uses a neighbour's port) and the sea network that the `searoute` package carries. Writes
`distances.parquet`, the shortest way between every two countries, and `detours.parquet`, the shortest way
without a strait for each pair whose shortest way uses it. Run `tools/build_bundle.py` afterwards: it lists
the files in `SOURCES.md`.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from build_bundle import write_parquet

EARTH_KM = 6371.0
Point = tuple[float, float]

GATES: dict[str, tuple[Point, Point]] = {
    "bab_el_mandeb": ((42.9, 12.2), (44.0, 13.2)),
    "bosporus": ((28.8, 41.12), (29.4, 41.12)),
    "danish_straits": ((10.2, 57.0), (12.5, 57.0)),
    "dardanelles": ((26.2, 40.4), (26.7, 39.95)),
    "dover": ((1.0, 51.2), (2.0, 50.8)),
    "gibraltar": ((-5.6, 36.4), (-5.55, 35.5)),
    "good_hope": ((20.0, -34.4), (20.0, -65.0)),
    "hormuz": ((56.35, 26.0), (56.5, 27.2)),
    "horn": ((-69.5, -51.6), (-69.5, -66.0)),
    "lombok": ((115.4, -8.4), (116.3, -8.6)),
    "luzon_strait": ((120.9, 22.1), (121.3, 18.3)),
    "malacca": ((101.5, 3.7), (99.7, 2.2)),
    "panama": ((-79.3, 9.4), (-80.1, 8.85)),
    "suez": ((31.4, 30.5), (33.4, 30.5)),
    "sunda": ((105.4, -5.5), (106.5, -6.2)),
    "taiwan_strait": ((118.5, 24.9), (120.9, 24.2)),
}
"""Our own lines across the straits, from shore to shore, as (longitude, latitude)."""
TAGS = {"bering": "bering"}
"""Straits for which the package's own mark on an edge is taken."""
SHUT = {"northwest"}
"""Marks of ways that ordinary ships do not use."""


@dataclass(frozen=True)
class Sea:
    """The sea network: positions (n, 2), edges (m, 2) once each, lengths in km (m), strait bits (m)."""

    places: NDArray[np.float64]
    edges: NDArray[np.int64]
    km: NDArray[np.float64]
    straits: NDArray[np.int64]

    def without(self, bit: int) -> csr_array:
        """Return the symmetric sparse matrix of lengths, leaving out edges with the strait bit."""
        keep = (self.straits & bit) == 0
        (a, b), km = self.edges[keep].T, self.km[keep]
        size = len(self.places)
        return csr_array((np.r_[km, km], (np.r_[a, b], np.r_[b, a])), shape=(size, size))


def unit_vectors(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 3) points on the unit sphere for (n, 2) longitudes and latitudes in degrees."""
    lon, lat = np.radians(places).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def great_circle_km(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distances in km between two (n, 2) arrays of longitudes and latitudes."""
    half = np.linalg.norm(unit_vectors(a) - unit_vectors(b), axis=1) / 2
    return 2 * EARTH_KM * np.arcsin(np.minimum(1.0, half))


def crosses(a: NDArray[np.float64], b: NDArray[np.float64], gate: tuple[Point, Point]) -> NDArray[np.bool_]:
    """Tell which edges a -> b cross the gate, on the flat map (gates are short)."""
    p, q = (np.array(point) for point in gate)

    def side(o: NDArray[np.float64], d: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        along, to = d - o, x - o
        return np.asarray(along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0])

    near = np.abs(a[:, 0] - b[:, 0]) < 180
    return near & (side(p, q, a) * side(p, q, b) < 0) & (side(a, b, p) * side(a, b, q) < 0)


def names() -> list[str]:
    """Return the straits in the order of their bits."""
    return sorted([*GATES, *TAGS])


def load_sea() -> Sea:
    """Return the largest connected part of the package's network."""
    from searoute.data.marnet_dict import edge_list, node_list  # noqa: PLC0415 - slow, 2 MB of literals

    numbers = {node: number for number, node in enumerate(node_list)}
    places = np.array(list(node_list), dtype=float)
    pairs: dict[tuple[int, int], str] = {}
    for u, targets in edge_list.items():
        for v, data in targets.items():
            pair = (min(numbers[u], numbers[v]), max(numbers[u], numbers[v]))
            if pair[0] != pair[1] and data.get("passage") not in SHUT:
                pairs[pair] = data.get("passage") or ""
    edges = np.array(list(pairs))
    a, b = places[edges[:, 0]], places[edges[:, 1]]
    straits = np.zeros(len(edges), dtype=np.int64)
    for bit, name in enumerate(names()):
        if name in GATES:
            hit = crosses(a, b, GATES[name])
        else:
            hit = np.array([TAGS[name] == tag for tag in pairs.values()])
        if not hit.any():
            raise SystemExit(f"no edge of the sea network crosses {name}")
        straits |= hit.astype(np.int64) << bit
    # the date line joins points of zero distance; a metre keeps every node after the one before it
    sea = Sea(places, edges, np.maximum(great_circle_km(a, b), 0.001), straits)
    _, part = connected_components(sea.without(0), directed=False)
    main = np.flatnonzero(part == np.bincount(part).argmax())
    renumber = np.full(len(places), -1)
    renumber[main] = np.arange(len(main))
    keep = renumber[edges[:, 0]] >= 0
    return Sea(places[main], renumber[edges[keep]], sea.km[keep], straits[keep])


def routes(sea: Sea, starts: NDArray[np.int64], bit: int) -> tuple[NDArray[np.float64], list[list[str]]]:
    """Return km (s, s) between start nodes without the strait `bit`, and the straits passed, in order."""
    by_pair = {(int(u), int(v)): int(s) for (u, v), s in zip(sea.edges, sea.straits, strict=True) if s}
    km, before = dijkstra(sea.without(bit), directed=False, indices=starts, return_predecessors=True)
    texts = []
    for row in range(len(starts)):
        passed: list[str] = [""] * len(sea.places)
        for node in np.argsort(km[row], kind="stable").tolist():
            last = int(before[row, node])
            if last < 0:
                continue
            text = passed[last]
            bits = by_pair.get((min(last, node), max(last, node)), 0)
            if bits:
                for number, name in enumerate(names()):
                    if bits >> number & 1 and name not in text.split(";"):
                        text = f"{text};{name}" if text else name
            passed[node] = text
        texts.append([passed[node] for node in starts.tolist()])
    return km[:, starts], texts


def best(
    ports: list[dict[str, str]], km: NDArray[np.float64]
) -> dict[tuple[str, str], tuple[int, int, float]]:
    """Return for each ordered pair of countries the two ports nearest by sea, and the km."""
    found: dict[tuple[str, str], tuple[int, int, float]] = {}
    for i, j in itertools.product(range(len(ports)), repeat=2):
        pair = (ports[i]["iso3"], ports[j]["iso3"])
        if pair[0] != pair[1] and (pair not in found or km[i, j] < found[pair][2]):
            found[pair] = (i, j, float(km[i, j]))
    return found


def build(out: Path) -> None:
    """Write `distances.parquet` and `detours.parquet` into `out`, which holds `ports.csv`."""
    with (out / "ports.csv").open(encoding="utf-8", newline="") as file:
        ports = list(csv.DictReader(file))
    sea = load_sea()
    places = np.array([[float(port["lon"]), float(port["lat"])] for port in ports])
    _, nodes = KDTree(unit_vectors(sea.places)).query(unit_vectors(places))
    access = great_circle_km(places, sea.places[nodes])
    far = [f"{ports[i]['iso3']} {ports[i]['port']} {access[i]:.0f} km" for i in np.flatnonzero(access > 150)]
    print("ports far from the network:", far)

    def measured(bit: int) -> tuple[NDArray[np.float64], list[list[str]]]:
        km, texts = routes(sea, nodes, bit)
        total = km + access[:, None] + access[None, :]
        same = np.array([[p["port"] == q["port"] for q in ports] for p in ports])
        return np.where(same, 0.0, (total + total.T) / 2), texts

    km, texts = measured(0)
    pairs = best(ports, km)
    rows = [
        (a, b, float(round(length)), texts[i][j], ports[i]["port"], ports[j]["port"], "estimated")
        for (a, b), (i, j, length) in sorted(pairs.items())
    ]
    keys = ["from_iso3", "to_iso3", "sea_km", "passages", "from_port", "to_port", "basis"]
    table = pa.table(dict(zip(keys, map(list, zip(*rows, strict=True)), strict=True)))
    write_parquet([table], out / "distances.parquet")
    detours: list[tuple[str, str, str, float | None, str, str]] = []
    for number, name in enumerate(names()):
        other_km, other_texts = measured(1 << number)
        other = best(ports, other_km)
        for (a, b), (i, j, _) in sorted(pairs.items()):
            if name in texts[i][j].split(";"):
                p, q, length = other[a, b]
                reached = np.isfinite(length)
                km_or_none = float(round(length)) if reached else None
                detours.append((a, b, name, km_or_none, other_texts[p][q] if reached else "", "estimated"))
    keys = ["from_iso3", "to_iso3", "closed", "sea_km", "passages", "basis"]
    table = pa.table(dict(zip(keys, map(list, zip(*detours, strict=True)), strict=True)))
    write_parquet([table], out / "detours.parquet")
    print(f"{len(rows)} pairs, {len(detours)} detours")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).resolve().parents[1] / "src" / "kaname" / "data" / "bundle"
    parser.add_argument("--out", type=Path, default=default, help="the bundle folder (default: the package)")
    start = time.perf_counter()
    build(parser.parse_args().out)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
