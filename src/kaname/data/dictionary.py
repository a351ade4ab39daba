"""The data dictionary: docs/data.md, written from the table contracts.

python -m kaname.data.dictionary > docs/data.md
"""

from __future__ import annotations

from kaname.data.bundle_contracts import BUNDLE
from kaname.data.contracts import OWN
from kaname.terms.contract import document


def page() -> str:
    """Return docs/data.md as it must read."""
    head = """# The data, column by column

Written by `python -m kaname.data.dictionary`; do not edit. Where the files come from, with licences and
checksums: `src/kaname/data/bundle/SOURCES.md`. Missing is missing: an empty cell is never read as zero.

Grades: **observed** measured or counted by an office; **reported** said by one party; **estimated** worked
out from other figures; **assumed** our own guess, with a range.

## The project's own tables

CSV files in UTF-8 with a header, under `src/kaname/data/tables/`. Read one with
`kaname.data.store.own_table(name)`.

"""
    middle = """## The embedded bundle

Parquet files under `src/kaname/data/bundle/`, read by the function of the same name in `kaname.data.store`.

"""
    return head + document(OWN.values()) + "\n" + middle + document(BUNDLE.values())


if __name__ == "__main__":
    print(page(), end="")
