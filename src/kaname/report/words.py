"""Numbers and dates as a reader in a hurry wants them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from kaname.terms import numerals
from kaname.terms.language import japanese, later, later_of, say, text_of

ASSUMPTION_LABELS = later_of(
    {
        "psi": "when users start to ration",
        "kappa": "how much can be ordered at once",
        "tau_weeks": "how fast stocks are rebuilt",
        "smoothing_weeks": "memory of wanted use",
        "rho": "how much is re-sourced",
        "eta": "how fast buyers switch",
        "leakage": "civilian supply reaching military users",
        "licence_depth": "how much licences stop",
        "loss_depth": "depth of the capacity loss",
        "enforcement": "enforcement through third countries",
        "cover": "days of stock at users",
        "reserve": "national reserves",
        "dependence": "dependence of industries on each input",
        "headroom": "spare capacity elsewhere",
        "price_speed": "how fast prices move",
        "price_hoarding": "how much rising prices fill stocks",
        "price_memory_weeks": "how long prices take to be answered in full",
        "price_demand": "how much use answers prices",
        "price_supply": "how much supply answers prices",
    }
)

ASSUMPTION_UNITS = later_of(
    {  # the parameters that are numbers; the others are knobs of a table
        "psi": "of the target stock",
        "kappa": "times base inflow",
        "tau_weeks": "weeks",
        "smoothing_weeks": "weeks",
        "rho": "of what is blocked",
        "eta": "per week",
        "leakage": "of the restricted goods",
        "licence_depth": "times the profile",
        "loss_depth": "times the loss",
        "price_speed": "per week",
        "price_hoarding": "% per %",
        "price_memory_weeks": "weeks",
    }
)


_PART_LABELS = later_of(
    {
        "depth": "depth of {part}",
        "delay_weeks": "start of {part}",
        "duration_weeks": "how long {part} lasts",
        "recovery_weeks": "recovery after {part}",
        "factor": "size of {part}",
        "extra_days": "detour of {part}",
        "capacity_lost": "what {part} keeps from being carried",
    }
)
_SWEPT = later_of({"leakage": "leakage"})
_PARTS = later_of(
    {
        "restriction": "restriction {number}",
        "loss": "loss {number}",
        "surge": "surge {number}",
        "closure": "closure {number}",
    }
)

SHOWN_WORDS = later(
    *("observed", "estimated", "modelled", "assumed", "reported", "cited"),
    *("proposed", "approved", "enacted"),
    *("ore", "compound", "metal", "magnet", "component", "industry", "equipment"),
    *("restriction", "capacity", "route", "stock", "reserve", "resourcing", "demand", "input", "other"),
    *("contract", "pool", "stockpile", "priority", "restraint", "substitution", "recycling"),
    *("joint production", "the polished plan", "do nothing", "greedy", "planner", "polished", "missing"),
    *("lane", "primary output", "processing output", "recycling output"),
)
"""Single words of the data that tables show: bases, stages, kinds of causes and of measures."""


def assumption(name: str) -> str:
    """Return the words for a drawn number: an assumption, or a range in a part of the scenario, such as
    `restrictions[0].duration_weeks`.
    """
    found = re.fullmatch(r"(restriction|losse|surge|closure)s\[(\d+)\]\.(\w+)", name)
    if found is None:
        return say(ASSUMPTION_LABELS.get(name, name))
    kind = "loss" if found[1] == "losse" else found[1]
    return say(_PART_LABELS[found[3]], part=say(_PARTS[kind], number=int(found[2]) + 1))


def share(value: float) -> str:
    """Return a share as a percentage without decimals, `<1 %` for what is small but not zero.

    The space before the sign does not break.
    """
    percent = 100.0 * value
    space = "" if japanese() else "\u00a0"
    if 0.0 < percent < 0.5:
        return f"<1{space}%"
    return f"{percent:.0f}{space}%"


def money(kusd: float) -> str:
    """Return a value in USD with its order: thousand, million, billion, trillion."""
    usd = 1000.0 * kusd
    if japanese():
        return numerals.dollars(usd)
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(usd) >= size:
            return f"USD {usd / size:.3g} {name}"
    return f"USD {usd:,.0f}"


def day(iso: str) -> str:
    """Return `17 Feb 2026` for `2026-02-17`."""
    found = date.fromisoformat(iso)
    if japanese():
        return numerals.day(iso)
    return f"{found.day} {found:%b %Y}"


def week(start: date, iso: str) -> int:
    """Return the week, counted from 1, in which a day falls."""
    return (date.fromisoformat(iso) - start).days // 7 + 1


def inline(name: str) -> str:
    """Return a name as it stands inside a sentence: lower case at first, but `NdFeB magnets` stays."""
    if japanese():
        return name
    first = name.split(" ", maxsplit=1)[0]
    return name[0].lower() + name[1:] if first[1:].islower() else name


def listed(items: Sequence[str]) -> str:
    """Return `a, b and c`."""
    if japanese():
        return "、".join(items) if len(items) > 2 or any("、" in item for item in items) else "と".join(items)
    return ", ".join(items[:-1]) + f" and {items[-1]}" if len(items) > 1 else "".join(items)


def joined(sentences: Sequence[str], between: str = " ") -> str:
    """Return sentences one after another; in Japanese no space stands between them."""
    return ("。" if between != " " else "").join(sentences) if japanese() else between.join(sentences)


def chained(parts: Sequence[str]) -> str:
    """Return `a; b; c`, parts of one sentence."""
    return ("、" if japanese() else "; ").join(parts)


def case_title(title: str) -> str:
    """Return the title of a case: that of a shipped scenario in the language that is spoken, with the value
    of its sweep (`leakage 0.5`); others as they were written.
    """
    found = text_of(title)
    own, comma, swept = title.rpartition(", ")
    if found != title or not comma or text_of(own) == own:
        return found
    parameter, _, value = swept.rpartition(" ")
    return say(
        "{title}, {parameter} {value}",
        title=text_of(own),
        parameter=say(_SWEPT.get(parameter, assumption(parameter))),
        value=value,
    )


def place(name: str) -> str:
    """Return a country's name as it stands after `in`: `the United States`, but `Japan`."""
    if japanese():
        return name
    return f"the {name}" if name.split(" ", 1)[0] in ("United", "Netherlands", "Philippines") else name
