"""The network with the names of its products and markets in the language that is spoken."""

from __future__ import annotations

from dataclasses import replace

from kaname.network.network import Network
from kaname.terms.language import ENGLISH, language, name_of


def localised(network: Network) -> Network:
    """Return the network as the report names it; in English the network itself."""
    if language() == ENGLISH:
        return network
    return replace(
        network,
        products=tuple(replace(one, name=name_of("products", one.id, one.name)) for one in network.products),
        markets=tuple(replace(one, name=name_of("markets", one.id, one.name)) for one in network.markets),
    )
