"""How much of what a supplier ships comes from one market: traced in the base state (rule M7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import spsolve

from kaname.network.network import Network

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def origin_shares(network: Network, origin: Bools, product_mask: Bools) -> Floats:
    """Return (K,) the share of each supplier's goods that is, or was made of, restricted goods of the origin.

    `origin` marks the markets of the origin (a country and its segments), shape (markets,); `product_mask`
    marks the restricted products, shape (products,). A supplier of a restricted product in the origin has
    share 1. A supplier with inputs of its own element (processing, re-export) has the mean of those inputs'
    shares, weighted by mass; other inputs are ignored. A consumer has the mean of its lanes' suppliers,
    weighted by base flow. Everything else has share 0. Loops of re-exports are solved together, by one
    sparse linear solve.
    """
    source = origin[network.supplier_market] & product_mask[network.supplier_product]
    mix = _supplier_mix(network)
    reached = _reached(mix, source)
    share = np.zeros(network.n_suppliers)
    share[source] = 1.0
    unknown = np.flatnonzero(reached & ~source)
    if len(unknown):
        rows = mix[unknown]
        system = sparse.identity(len(unknown), format="csc") - rows[:, unknown].tocsc()
        given = np.asarray(rows[:, np.flatnonzero(source)].sum(axis=1)).ravel()
        share[unknown] = np.clip(spsolve(system, given), 0.0, 1.0)
    return share


def _supplier_mix(network: Network) -> sparse.csr_matrix:
    """Return (K, K): row k holds the shares of other suppliers in the same-element inputs of k."""
    k, n = network.n_suppliers, network.n_consumers
    inflow = np.bincount(network.lane_consumer, weights=network.lane_flow, minlength=n)
    flowing = network.lane_flow > 0.0
    consumer, supplier = network.lane_consumer[flowing], network.lane_supplier[flowing]
    arrivals = sparse.csr_matrix(
        (network.lane_flow[flowing] / inflow[consumer], (consumer, supplier)), shape=(n, k)
    )
    line = network.recipe_same_element & (network.recipe_input_per_output > 0.0)
    user, stock = network.recipe_supplier[line], network.recipe_consumer[line]
    mass = network.recipe_input_per_output[line]
    total = np.bincount(user, weights=mass, minlength=k)
    inputs = sparse.csr_matrix((mass / total[user], (user, stock)), shape=(k, n))
    return (inputs @ arrivals).tocsr()


def _reached(mix: sparse.csr_matrix, source: Bools) -> Bools:
    """Return (K,) which suppliers the sources' goods reach: only for those is there anything to solve."""
    k = mix.shape[0]
    # One extra node, from which every source is one step away; edges run from input to user.
    start = sparse.csr_matrix(source.astype(np.float64)[None, :])
    graph = sparse.bmat([[mix.T, None], [start, sparse.csr_matrix((1, 1))]], format="csr")
    order = csgraph.breadth_first_order(graph, k, directed=True, return_predecessors=False)
    reached = np.zeros(k + 1, dtype=np.bool_)
    reached[order] = True
    return reached[:k]
