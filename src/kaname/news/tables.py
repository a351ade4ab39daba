"""The tables that reading rests on: who is who, what is what, where, and which words tell an event.

They are CSV files beside this module, made to be edited: a folder with files of the same names replaces them
(`kaname read --tables FOLDER`). Each is checked by its contract, and all against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kaname.terms.contract import Column, TableContract, document, typed
from kaname.terms.csvfile import read_csv
from kaname.terms.errors import Problem, TableError
from kaname.terms.ontology import MODES, STATUSES

FOLDER = Path(__file__).resolve().parent / "tables"
ACTOR_KINDS = (
    "country", "demonym", "capital", "city", "region", "institution", "group", "company", "bloc", "none"
)  # fmt: skip
CLASSES = ("agent", "collective", "fact", "office", "act", "good", "measure")


def _text(name: str, sentence: str, required: bool = False, choices: tuple[str, ...] = ()) -> Column:
    """Return a column of text."""
    return Column(name, "", "text", required, None, sentence, choices)


def _date(name: str, sentence: str) -> Column:
    """Return a column of dates, missing where empty."""
    return Column(name, "", "text", False, None, sentence)


ACTORS = TableContract(
    "actors",
    (
        _text("name", "The name as it is written; upper and lower case count.", True),
        _text("kind", "What the name is.", True, ACTOR_KINDS),
        _text("code", "The country (ISO 3166 alpha-3) or bloc that acts where the name acts.", True),
        _text("note", "What is ambiguous, or where it comes from."),
    ),
    ("name",),
    "Names by which a text says who acts. Longer names win over shorter ones inside them.",
)
CITIES = TableContract(
    "cities",
    (
        _text("name", "The name as English texts write it; it counts behind a word of place only.", True),
        _text("code", "The country (ISO 3166 alpha-3) in which the city lies.", True),
    ),
    ("name",),
    "Cities of 60,000 people or more from GeoNames (CC BY 4.0), written by `tools/build_cities.py`: where it "
    "happens.",
)
MEMBERS = TableContract(
    "members",
    (
        _text("bloc", "Code of the bloc.", True),
        _text("code", "Code of the member.", True),
        _date("since", "First day as a member; empty where it is not known."),
        _date("until", "First day no longer a member; empty for today's members."),
    ),
    ("bloc", "code", "since"),
    "Who belonged to which bloc, and when. An event of a bloc is the bloc's; the table serves to select.",
)
LEADERS = TableContract(
    "leaders",
    (
        _text("name", "The full name; the last word alone counts once the text has named the office.", True),
        _text("code", "Country or bloc of the office.", True),
        _text("office", "The office held."),
        _date("since", "From when, as a year or a date; empty where it is not known."),
        _date("until", "Until when; empty for today's."),
    ),
    ("name", "office", "since"),
    "Persons in office. What the text itself says of a person goes before the table.",
)
COMMODITIES = TableContract(
    "commodities",
    (
        _text("name", "Word or words in the text; case does not count, capitals alone do.", True),
        _text("commodity", "The plain name under which it is coded.", True),
        _text("products", "Product ids of the bundle that belong to it, in the row of the plain name."),
        _text("hs", "Six-digit HS 1992 subheadings in the row of the plain name; empty where none fits."),
    ),
    ("name",),
    "Materials and goods. A plain name without products is known as a good but not in the network.",
)
AREAS = TableContract(
    "areas",
    (
        _text("name", "Word or words in the text.", True),
        _text("area", "Id of the area that it belongs to.", True),
        _text("title", "Name of the area for readers, in its first row."),
        _text("routes", "Ids of the straits and sea lanes of the network that lead through, first row."),
    ),
    ("name",),
    "Areas under which events are grouped: a sea and its coast, never the place of a unit.",
)
WORDS = TableContract(
    "words",
    (
        _text("class", "Name of the class; patterns write it as @class.", True),
        _text(
            "words", "Words by their dictionary form, apart by spaces; _ joins the words of a phrase.", True
        ),
        _text("note", "What the class is for."),
    ),
    ("class",),
    "Classes of words that patterns and roles refer to.",
)
ROLES = frozenset({"source", "target", "both"})
PATTERNS = TableContract(
    "patterns",
    (
        Column("rule", "", "id", True, None, "Name of the rule; every event carries the one that found it."),
        _text("type", "Type of the event; none: the words tell no event.", True, (*MODES, "none")),
        _text("mode", "Mode of the event."),
        _text("part", "What the trigger is: a verb, a noun, an adjective.", True, ("verb", "noun", "adj")),
        _text("trigger", "Dictionary forms that set the rule off, apart by spaces, or @class.", True),
        _text(
            "subject",
            "Heads of the subject, or @class, or the kind of a name as <country>; ! before it: not.",
        ),
        _text(
            "object",
            "Heads of the object, or @class, or the kind of a name as <country>; ! before it: must not be.",
        ),
        _text("with", "Words that must stand in the clause, or @class; ! before it: must not."),
        _text(
            "prep",
            "A preposition that must hang on the trigger, with :@class for what follows it; `clause`: a "
            "clause with its own subject; `dative`: a receiver; `infinitive`: what is to be done.",
        ),
        _text(
            "roles",
            "Where the parties are, where not the doer as subject and whom as object: `source=` and "
            "`target=` with prepositions, the first that is there counts, or `object`, `subject`, `none`;"
            " a target also `dative` (the receiver) and `prep` (never the object); a source also `said` "
            "(whose the text said it was), `bound` (who binds the doer), `list` (whose list it is), "
            "`place` (where it is done); `both=yes`: only where two parties are found.",
        ),
        _text("status", "Status that the words themselves give.", False, STATUSES),
        Column("confidence", "share", "share", False, None, "Share of such events that were right."),
    ),
    ("rule",),
    "Words that tell an event. The rule with most conditions wins; among equals the earlier one.",
)
WEIGHTS = TableContract(
    "weights",
    (
        _text("type", "Type of the event.", True, tuple(MODES)),
        _text("mode", "Mode; empty for all others of the type."),
        Column(
            "weight", "points", "number", True, None, "From -10, violence, to 10, an alliance made deeper."
        ),
        _text("reason", "Why, or where it comes from."),
    ),
    ("type", "mode"),
    "How friendly an event is, for the series of relations.",
)
TABLES: Mapping[str, TableContract] = MappingProxyType(
    {
        table.name: table
        for table in (ACTORS, CITIES, MEMBERS, LEADERS, COMMODITIES, AREAS, WORDS, PATTERNS, WEIGHTS)
    }
)


@dataclass(frozen=True)
class NewsTables:
    """All tables, as rows."""

    rows: Mapping[str, tuple[Mapping[str, Any], ...]]

    def __getitem__(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """Return the rows of a table."""
        return self.rows[name]


def load_tables(folder: str | Path | None = None) -> NewsTables:
    """Return the tables; files in `folder` replace those of the same name.

    Raises TableError with the faults of all files at once, InputError for a folder without any table.
    """
    own = Path(folder) if folder is not None else None
    rows, problems = {}, _unknown_files(own) if own is not None else []
    for name, contract in TABLES.items():
        path = FOLDER / f"{name}.csv"
        if own is None or not (own / path.name).is_file():
            rows[name] = _as_shipped(path, contract)
            continue
        try:
            rows[name] = tuple(typed(read_csv(own / path.name), contract, path.name).to_pylist())
        except TableError as error:
            problems += error.problems
    if not problems:
        problems = _disagreements(rows)
    if problems:
        raise TableError(problems)
    return NewsTables(MappingProxyType(rows))


def _as_shipped(path: Path, contract: TableContract) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of kaname's own file: its contract is checked by the tests, not at every start."""
    numbers = {column.name for column in contract.columns if column.kind in {"number", "share"}}
    return tuple(
        {
            name: None if not text else float(text) if name in numbers else text.strip()
            for name, text in row.items()
        }
        for row in read_csv(path)
    )


def _unknown_files(folder: Path) -> list[Problem]:
    """Return the faults of a user's folder: none of the tables in it, or tables of other names."""
    known = {f"{name}.csv" for name in TABLES}
    if not folder.is_dir():
        return [
            Problem(
                "no such folder", str(folder), fix="Give a folder with some of " + ", ".join(sorted(known))
            )
        ]
    found = {path.name for path in folder.glob("*.csv")}
    strange = sorted(found - known)
    if not found:
        return [
            Problem("no table in the folder", str(folder), "no *.csv", "some of " + ", ".join(sorted(known)))
        ]
    return [
        Problem("unknown table", str(folder), name, "one of " + ", ".join(sorted(known))) for name in strange
    ]


def _disagreements(rows: Mapping[str, tuple[Mapping[str, Any], ...]]) -> list[Problem]:
    """Return what does not fit between tables: classes, modes and plain names that are not there."""
    problems = []
    classes = {row["class"] for row in rows["words"]}
    for line, row in enumerate(rows["patterns"], start=2):
        if row["mode"] and row["mode"] not in MODES.get(row["type"], ()):
            known = ", ".join(MODES.get(row["type"], ())) or "none"
            problems.append(
                Problem(
                    "unknown mode", "patterns.csv", row["mode"], f"one of {row['type']}: {known}", line=line
                )
            )
        strange = sorted({part.partition("=")[0] for part in (row["roles"] or "").split()} - ROLES)
        if strange:
            told = ", ".join(sorted(ROLES))
            problems.append(
                Problem("unknown role", "patterns.csv: roles", ", ".join(strange), told, line=line)
            )
        for column in ("trigger", "subject", "object", "with", "prep"):
            named = {
                word.strip("!")
                for cell in (row[column] or "").split()
                for word in cell.split(":")[-1].split("|")
            }
            for word in sorted(named):
                if word.startswith("@") and word[1:] not in classes:
                    problems.append(
                        Problem(
                            "unknown class",
                            f"patterns.csv: {column}",
                            word,
                            "a class of words.csv",
                            line=line,
                        )
                    )
    plain = {row["commodity"] for row in rows["commodities"] if row["name"] == row["commodity"]}
    for line, row in enumerate(rows["commodities"], start=2):
        if row["commodity"] not in plain:
            problems.append(
                Problem("plain name without a row of its own", "commodities.csv", row["commodity"], line=line)
            )
    return problems


def page() -> str:
    """Return docs/news-tables.md as it must read."""
    head = """# The tables for reading

Written by `python -m kaname.news.tables`; do not edit. CSV files in UTF-8 with a header, under
`src/kaname/news/tables/`. To change them for yourself copy some into a folder and name it with
`kaname read --tables FOLDER`: files there replace those of the same name. Each is checked by its contract
below, and all against each other; every fault is told at once, with its line.

A cell of words in `patterns` is a list apart by spaces, any of which will do; `@class` stands for the
words of
a class in `words`, `!` before a word forbids it, ` + ` asks for one of each side. Words stand in their
dictionary form; `_` joins the words of a phrase.

"""
    return head + document(TABLES.values())


if __name__ == "__main__":
    print(page(), end="")
