"""Compute sea distances between countries, the straits they pass, and the way round when one is closed.

    python tools/build_distances.py [--out DIR]

Reads `ports.csv` (our own table: one port per country, more where a country lies on two seas; a landlocked
country uses a neighbour's port) and the sea network that the `searoute` package carries. Writes
`distances.parquet`, the shortest way between every two countries, and `detours.parquet`, the shortest way
without a passage for each pair whose shortest way uses it, and without two passages (or three of
`TOGETHER`) where the way round one uses the other. A passage is a strait, canal or cape, crossed by a line
of `GATES`, or an area of `ZONES`. Run `tools/build_bundle.py` afterwards: it lists
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
    "malacca": ((100.8, 4.1), (99.3, 3.0)),
    "panama": ((-79.3, 9.4), (-80.1, 8.85)),
    "suez": ((31.4, 30.5), (33.4, 30.5)),
    "sunda": ((105.4, -5.5), (106.5, -6.2)),
    "taiwan_strait": ((118.5, 24.9), (120.9, 24.2)),
}
"""Our own lines across the straits, from shore to shore, as (longitude, latitude)."""
ZONES: dict[str, tuple[tuple[Point, ...], float]] = {
    "okinawa": (
        ((130.5, 30.35), (129.4, 28.3), (127.95, 26.5), (125.3, 24.8), (124.2, 24.4), (123.0, 24.45)),
        150.0,
    ),
    "taiwan_seas": (((120.85, 22.0), (121.5, 25.2)), 200.0),
}
"""Sea areas: all within so many km of a line. `okinawa` lies along the chain of islands from Yakushima by
Amami, Okinawa, Miyako and Ishigaki to Yonaguni: whoever crosses the chain between Kyushu and Taiwan, the
Osumi Strait included, or runs along it through the East China Sea. `taiwan_seas` lies around the length of
Taiwan: its strait, the Bashi Channel, and its ports, which have no way round it."""
TOGETHER = (
    ("lombok", "luzon_strait", "malacca", "okinawa", "sunda", "taiwan_seas", "taiwan_strait"),
    ("bab_el_mandeb", "good_hope", "horn", "panama", "suez"),
)
"""Passages that a closure may well shut together: for these every combination is computed."""
STEP_KM = 10.0  # how closely an edge is followed when it is asked whether it enters a zone
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


def along(a: Point, b: Point, step_km: float = STEP_KM) -> NDArray[np.float64]:
    """Return (n, 2) points from a to b on the flat map, at most `step_km` apart."""
    start, end = np.array([a]), np.array([b])
    count = int(great_circle_km(start, end)[0] // step_km) + 2
    return np.asarray(start + np.linspace(0.0, 1.0, count)[:, None] * (end - start))


def enters(
    a: NDArray[np.float64], b: NDArray[np.float64], zone: tuple[tuple[Point, ...], float]
) -> NDArray[np.bool_]:
    """Tell which edges a -> b come within the zone's km of its line."""
    line, km = zone
    spine = np.vstack([along(p, q) for p, q in itertools.pairwise(line)])
    tree, reach = KDTree(unit_vectors(spine)), 2 * np.sin(km / EARTH_KM / 2)
    low, high = spine.min(axis=0) - 15.0, spine.max(axis=0) + 15.0
    least, most = np.minimum(a, b), np.maximum(a, b)
    near = ((most >= low) & (least <= high)).all(axis=1) & (np.abs(a[:, 0] - b[:, 0]) < 180)
    found = np.zeros(len(a), dtype=np.bool_)
    for i in np.flatnonzero(near):
        gaps, _ = tree.query(unit_vectors(along(tuple(a[i]), tuple(b[i]))))
        found[i] = gaps.min() <= reach
    return found


def names() -> list[str]:
    """Return the passages in the order of their bits."""
    return sorted([*GATES, *ZONES, *TAGS])


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
        elif name in ZONES:
            hit = enters(a, b, ZONES[name])
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


def routes(sea: Sea, starts: NDArray[np.int64], bits: int) -> tuple[NDArray[np.float64], list[list[str]]]:
    """Return km (s, s) between start nodes without the passages `bits`, and the passages used, in order."""
    size = len(sea.places)
    km, before = dijkstra(sea.without(bits), directed=False, indices=starts, return_predecessors=True)
    marked = np.flatnonzero(sea.straits)
    low, high = np.sort(sea.edges[marked], axis=1).T
    order = np.argsort(low * size + high)
    keys, values = (low * size + high)[order], sea.straits[marked][order]
    nodes, before = np.arange(size), before.astype(np.int64)
    texts = []
    for last in before:
        pair = np.minimum(last, nodes) * size + np.maximum(last, nodes)
        at = np.minimum(np.searchsorted(keys, pair), len(keys) - 1)
        used = np.where((last >= 0) & (keys[at] == pair), values[at], 0)
        gate = np.where((used > 0) | (last < 0), nodes, last)  # the last marked edge on the way to a node
        while True:
            further = gate[gate]
            if np.array_equal(further, gate):
                break
            gate = further
        texts.append([_passed(int(node), last, used, gate) for node in starts])
    return km[:, starts], texts


def _passed(node: int, last: NDArray[np.int64], used: NDArray[np.int64], gate: NDArray[np.int64]) -> str:
    """Return the passages on the way to a node, from its start on, each once, joined by ;."""
    found: list[str] = []
    node = int(gate[node])
    while used[node]:
        found += [name for number, name in reversed(list(enumerate(names()))) if used[node] >> number & 1]
        node = int(gate[last[node]])
    return ";".join(dict.fromkeys(reversed(found)))


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


@dataclass(frozen=True)
class Ways:
    """The shortest ways between countries without some passages: km, passages, the ports they use."""

    km: dict[tuple[str, str], float]
    passages: dict[tuple[str, str], str]
    ports: dict[tuple[str, str], tuple[str, str]]


class Atlas:
    """The ports on the sea network, and the ways between them, each set of closed passages computed once."""

    def __init__(self, ports: list[dict[str, str]], sea: Sea) -> None:
        """Tie each port to the nearest node of the network."""
        self.ports, self.sea = ports, sea
        places = np.array([[float(port["lon"]), float(port["lat"])] for port in ports])
        _, self.nodes = KDTree(unit_vectors(sea.places)).query(unit_vectors(places))
        self.access = great_circle_km(places, sea.places[self.nodes])
        self._same = np.array([[p["port"] == q["port"] for q in ports] for p in ports])

    def ways(self, closed: frozenset[str]) -> Ways:
        """Return the shortest ways between countries that use none of the closed passages."""
        bits = sum(1 << names().index(name) for name in closed)
        km, texts = routes(self.sea, self.nodes, bits)
        total = km + self.access[:, None] + self.access[None, :]
        pairs = best(self.ports, np.where(self._same, 0.0, (total + total.T) / 2))
        return Ways(
            {pair: length for pair, (_, _, length) in pairs.items()},
            {pair: texts[i][j] if np.isfinite(length) else "" for pair, (i, j, length) in pairs.items()},
            {pair: (self.ports[i]["port"], self.ports[j]["port"]) for pair, (i, j, _) in pairs.items()},
        )


Pairs = dict[frozenset[str], set[tuple[str, str]]]


def further(closed: frozenset[str], ways: Ways, pairs: set[tuple[str, str]]) -> Pairs:
    """Return which larger sets of closed passages cannot be answered by these ways, and for which pairs.

    A way that avoids `closed` and happens to avoid another passage as well is the shortest without both; only
    where it uses the other one is there anything more to compute.
    """
    found: Pairs = {}
    for pair in pairs:
        for name in filter(None, ways.passages[pair].split(";")):
            larger = closed | {name}
            if len(larger) <= 2 or any(larger <= set(group) for group in TOGETHER):
                found.setdefault(larger, set()).add(pair)
    return found


def detour_rows(atlas: Atlas, usual: Ways) -> list[tuple[str, str, str, float | None, str, str]]:
    """Return the rows of `detours.parquet`: from, to, closed, km or None where there is no way, passages."""
    rows: list[tuple[str, str, str, float | None, str, str]] = []
    waiting = further(frozenset(), usual, set(usual.km))
    while waiting:
        level, waiting = waiting, {}
        for closed, pairs in sorted(level.items(), key=lambda item: sorted(item[0])):
            ways = atlas.ways(closed)
            for a, b in sorted(pairs):
                km = ways.km[a, b]
                length = float(round(km)) if np.isfinite(km) else None
                rows.append((a, b, ";".join(sorted(closed)), length, ways.passages[a, b], "estimated"))
            for larger, more in further(closed, ways, pairs).items():
                waiting.setdefault(larger, set()).update(more)
    return sorted(rows, key=lambda row: (row[2].count(";"), row[2], row[0], row[1]))


def build(out: Path) -> None:
    """Write `distances.parquet` and `detours.parquet` into `out`, which holds `ports.csv`."""
    with (out / "ports.csv").open(encoding="utf-8", newline="") as file:
        ports = list(csv.DictReader(file))
    atlas = Atlas(ports, load_sea())
    far = [(p["iso3"], p["port"], round(km)) for p, km in zip(ports, atlas.access, strict=True) if km > 150]
    print("ports far from the network, km:", far)
    usual = atlas.ways(frozenset())
    rows = [
        (a, b, float(round(km)), usual.passages[a, b], *usual.ports[a, b], "estimated")
        for (a, b), km in sorted(usual.km.items())
    ]
    keys = ["from_iso3", "to_iso3", "sea_km", "passages", "from_port", "to_port", "basis"]
    table = pa.table(dict(zip(keys, map(list, zip(*rows, strict=True)), strict=True)))
    write_parquet([table], out / "distances.parquet")
    detours = detour_rows(atlas, usual)
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
