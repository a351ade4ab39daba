"""Write the Japanese names of countries, `src/kaname/terms/words/markets.ja.json`, from CLDR through babel.

Names that Japanese ministries write otherwise, and markets that are no country, stand here by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

from babel import Locale
from babel.core import get_global

from kaname.data import store

OUT = Path(__file__).parents[1] / "src/kaname/terms/words/markets.ja.json"
BY_HAND = {
    "USA": "米国",
    "GBR": "英国",
    "HKG": "香港",
    "MAC": "マカオ",
    "PSE": "パレスチナ",
    "COD": "コンゴ民主共和国",
    "COG": "コンゴ共和国",
    "MMR": "ミャンマー",
    "ROW": "その他の地域",
}
SEGMENTS = {"defence": "防衛"}


def main() -> None:
    """Write every country of the bundle, and its segments with needs of their own."""
    territories = Locale("ja").territories
    aliases = get_global("territory_aliases")
    found = {}
    for code in sorted({*store.country_names(), *BY_HAND}):
        two = aliases.get(code, [""])[0]
        if name := BY_HAND.get(code) or territories.get(two):
            found[code] = name
    for country in ("JPN", "USA"):
        found |= {f"{country}/{one}": f"{found[country]}（{name}）" for one, name in SEGMENTS.items()}
    OUT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
