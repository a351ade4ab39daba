"""Units and conversion factors, each with its source.

Quantities end in their unit: `_t` tonnes, `_kusd` thousand US dollars, `_days`, `_share` (0..1). Masses of
contained metal and oxide follow from the standard atomic weights (IUPAC, abridged values of 2021).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kaname.terms.errors import InputError, Problem

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365.25

TONNE_PER_POUND = 0.00045359237
"""International pound, exact by the agreement of 1959."""
TONNE_PER_SHORT_TON = 2000 * TONNE_PER_POUND
TONNE_PER_LONG_TON = 2240 * TONNE_PER_POUND
TONNE_PER_TROY_OUNCE = 31.1034768e-6
"""Troy ounce: 480 grains of 64.79891 mg, exact."""
TONNE_PER_FLASK = 76 * TONNE_PER_POUND
"""Flask of mercury: 76 pounds."""
TONNE_PER_MTU = 0.01
"""Metric ton unit: one percent of a tonne, 10 kg of the contained oxide, as in tungsten prices."""

ATOMIC_WEIGHTS: Mapping[str, float] = {
    "H": 1.0080, "Li": 6.94, "Be": 9.0122, "C": 12.011, "N": 14.007, "O": 15.999, "F": 18.998,
    "Na": 22.990, "Mg": 24.305, "Al": 26.982, "Si": 28.085, "P": 30.974, "S": 32.06, "Cl": 35.45,
    "Ca": 40.078, "Sc": 44.956, "Ti": 47.867, "V": 50.942, "Cr": 51.996, "Mn": 54.938, "Fe": 55.845,
    "Co": 58.933, "Ni": 58.693, "Cu": 63.546, "Zn": 65.38, "Ga": 69.723, "Ge": 72.630, "As": 74.922,
    "Y": 88.906, "Zr": 91.224, "Nb": 92.906, "Mo": 95.95, "In": 114.82, "Sn": 118.71, "Sb": 121.76,
    "La": 138.91, "Ce": 140.12, "Pr": 140.91, "Nd": 144.24, "Sm": 150.36, "Eu": 151.96, "Gd": 157.25,
    "Tb": 158.93, "Dy": 162.50, "Ho": 164.93, "Er": 167.26, "Tm": 168.93, "Yb": 173.05, "Lu": 174.97,
    "Ta": 180.95, "W": 183.84, "B": 10.81,
}  # fmt: skip
"""Standard atomic weights, IUPAC Commission on Isotopic Abundances and Atomic Weights, abridged, 2021."""

_PART = re.compile(r"([A-Z][a-z]?)(\d*)")


def molar_mass(formula: str) -> float:
    """Return the mass of a formula without brackets, such as `Nd2O3`, in g per mol.

    Raises `InputError` for an element that is not listed or a text that is no formula.
    """
    parts = _PART.findall(formula)
    if not formula or "".join(symbol + count for symbol, count in parts) != formula:
        raise InputError(Problem("not a formula", "formula", repr(formula), "for instance Nd2O3"))
    unknown = sorted({symbol for symbol, _ in parts} - set(ATOMIC_WEIGHTS))
    if unknown:
        raise InputError(Problem(f"no atomic weight for {', '.join(unknown)}", "formula", repr(formula)))
    return sum(ATOMIC_WEIGHTS[symbol] * int(count or 1) for symbol, count in parts)


def content(element: str, formula: str) -> float:
    """Return the share by mass of an element in a compound, 0..1: tonnes of metal per tonne of compound.

    Raises `InputError` where the formula does not hold the element.
    """
    atoms = sum(int(count or 1) for symbol, count in _PART.findall(formula) if symbol == element)
    if not atoms:
        raise InputError(Problem(f"{formula} holds no {element}", "formula", repr(formula), element))
    return atoms * molar_mass(element) / molar_mass(formula)


def oxide_per_metal(element: str, oxide: str) -> float:
    """Return the tonnes of oxide that one tonne of metal stands for, for instance 1.166 for Nd and Nd2O3."""
    return 1.0 / content(element, oxide)


OXIDES: Mapping[str, str] = {
    "Sc": "Sc2O3", "Y": "Y2O3", "La": "La2O3", "Ce": "CeO2", "Pr": "Pr6O11", "Nd": "Nd2O3", "Sm": "Sm2O3",
    "Eu": "Eu2O3", "Gd": "Gd2O3", "Tb": "Tb4O7", "Dy": "Dy2O3", "Ho": "Ho2O3", "Er": "Er2O3", "Tm": "Tm2O3",
    "Yb": "Yb2O3", "Lu": "Lu2O3", "Ga": "Ga2O3", "Ge": "GeO2", "W": "WO3", "Sb": "Sb2O3", "V": "V2O5",
    "Li": "Li2O", "Co": "Co3O4", "Nb": "Nb2O5", "Ta": "Ta2O5", "Ti": "TiO2",
}  # fmt: skip
"""The oxide in which trade and production statistics state an element."""
