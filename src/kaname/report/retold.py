"""Sentences that stand finished in English in tables, folders and the builder's notes, told in the language
that is spoken: whole texts by themselves, others by their pattern. What fits none stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from kaname.terms.language import commas, japanese, later, name_of, say, text_of

PATTERNS = later(
    "in force",
    "in force, already in the {year} trade data",
    "in force, base flows x {factor} (x {after} after the balance)",
    "in force, base flows x {factor} (no such flow after the balance)",
    "in force, base flows x {factor}",
    "suspended",
    "suspended until {date}",
    "not yet in force",
    "Own tables citing {publisher}",
    "Own tables, assumed values",
    "{count} rows: {tables}",
    "balanced columns rest on lanes that are by weight {parts}",
    "flagged, left as reported: {text}",
    "imputed: {text}",
    "{count} quantities flagged and left, {changed} imputed from value in all",
    "{place} to {other}, HS {code}, {year}: nothing replaced by {after} t (no quantity reported; {text})",
    "{place} to {other}, HS {code}, {year}: {before} t replaced by {after} t ({text})",
    "{place} to {other}, HS {code}, {year}: {before} t, unit value {value} against {usual} kUSD/t; {text}",
    "value over the lane's own median, {value} kUSD/t",
    "value over the product's median, {value} kUSD/t",
    "like its own past, {value}; not changed",
    "no history; not changed",
    "Better than the best naive rule ({rule}): {own} against {best}; {right} of {signs} directions right. "
    "Largest miss: {text}",
    "Worse than the best naive rule ({rule}): {own} against {best}; {right} of {signs} directions right. "
    "Largest miss: {text}",
    "BACI: international trade database at the product level (CEPII), as of {date}",
    "{place} {origin}, {year}: {value} foretold, {other_value} seen.",
    "{place} to {other}, HS {code}, {year}: no weight reported, {after} t filled in",
    "HS {code} ({text}) has no row in {year}; full years {span}, last row {last}",
    "HS {code} ({text}) has only a remnant of the trade in {year}; full years {span}, last row {last}",
    "No trade code shows {text}; {count} makers, lanes estimated",
    "{place} makes {share} of {product} but sends {other_share} of the trade in it",
    "HS {code} counts {before} t gross of {product}, which hold {after} t {content} (x {factor})",
    "{place}, {product}: {before} to {after} t, {value} taken ({text})",
    "{place}, {product}: {made} t made + {into} imported - {out} exported = {after} t",
    "TWN has number 490, 'Other Asia, not elsewhere specified'; in practice Taiwan: {count} rows in {year}",
    "{place} exports {before} t of {product}, {share} of the trade, and makes none (imports {into} t)",
    "HS {code} is worth {before} M USD as reported, {after} M at cited prices (x {factor})",
    "No mirror gaps: the publisher of the embedded trade (BACI) has already made one figure out of what"
    " exporter and importer report. Give a file with both reports by --mirror to see them.",
)
RULES = later("cut as announced", "nothing changes")
ORIGINS = later("from elsewhere", "from China", "in all")
PLACES = later("EU27", "World", "United States", "South Korea", "Japan", "China")
PARTS = re.compile(r"([\d<.]+\s?%) (observed|estimated|modelled|assumed)")
_FIELD = re.compile(r"\\{(\w+)\\}")
_SHAPES = {
    "place": r"[A-Z]{3}|" + "|".join(PLACES),
    "other": r"[A-Z]{3}",
    "origin": "|".join(ORIGINS),
    "rule": "|".join(RULES),
    "count": r"[\d,]+",
    "code": r"\w+",
    "year": r"[\d-]+",
}


def retold(text: str) -> str:
    """Return a finished English text in the language that is spoken."""
    if not japanese() or not text:
        return text
    whole = text_of(text)
    if whole != text:
        return whole
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return say(template, **{name: _word(name, value) for name, value in found.groupdict().items()})
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((template, _pattern(template)) for template in PATTERNS)


def _pattern(template: str) -> re.Pattern[str]:
    """Return what a filled template looks like; a value is any text, or what its name allows."""
    shape = _FIELD.sub(lambda hit: f"(?P<{hit[1]}>{_SHAPES.get(hit[1], '.+?')})", re.escape(template))
    return re.compile(shape, re.DOTALL)


def _word(name: str, value: str) -> str:
    """Return a value as it stands in the other language: places by name, parts of a sentence retold."""
    if name == "text":
        return retold(value)
    if name in ("place", "other"):
        return say(value) if value in PLACES else name_of("markets", value, value)
    if name in ("rule", "origin"):
        return say(value)
    if name == "publisher":
        return text_of(value)
    if name == "parts":
        return commas(f"{say(basis)}{share.replace(' ', '')}" for share, basis in PARTS.findall(value))
    return value.replace("\N{NO-BREAK SPACE}%", "%").replace(" %", "%")
