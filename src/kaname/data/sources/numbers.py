"""Numbers as people and offices write them: decimal comma or point, thousands separators, full-width digits.

What a comma means is a property of the file, not of the cell: `1,234` alone may be either. So the style is
worked out from all cells that leave no doubt, and a cell that stays in doubt is a fault, never a guess. The
patterns serve `re` here and DuckDB for the large files, and a test holds both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

DECIMALS = ("auto", "point", "comma")
WIDE = "０１２３４５６７８９．，－＋　"
NARROW = "0123456789.,-+ "
SPACES = "[\\s\u00a0\u2009\u202f'\u2019]"

_SIGN = "[+-]?"
_EXP = "([eE][+-]?[0-9]{1,3})?"
PLAIN = f"{_SIGN}([0-9]+\\.?[0-9]*|\\.[0-9]+){_EXP}"
DOT_TRIPLE = f"{_SIGN}[1-9][0-9]{{0,2}}\\.[0-9]{{3}}"
COMMA_TRIPLE = f"{_SIGN}[1-9][0-9]{{0,2}},[0-9]{{3}}"
ONE_COMMA = f"{_SIGN}[0-9]*,[0-9]+{_EXP}"
ONE_DOT = f"{_SIGN}[0-9]*\\.[0-9]+{_EXP}"
DOTS_THOUSANDS = f"{_SIGN}[1-9][0-9]{{0,2}}((\\.[0-9]{{3}})+,[0-9]*|(\\.[0-9]{{3}}){{2,}})"
COMMAS_THOUSANDS = f"{_SIGN}[1-9][0-9]{{0,2}}((,[0-9]{{3}})+\\.[0-9]*|(,[0-9]{{3}}){{2,}})"

_RE = {
    name: re.compile(pattern)
    for name, pattern in {
        "plain": PLAIN,
        "dot_triple": DOT_TRIPLE,
        "comma_triple": COMMA_TRIPLE,
        "one_comma": ONE_COMMA,
        "one_dot": ONE_DOT,
        "dots": DOTS_THOUSANDS,
        "commas": COMMAS_THOUSANDS,
    }.items()
}


_ORDER = ("dot_triple", "plain", "comma_triple", "commas", "dots", "one_comma")


@dataclass(frozen=True)
class Style:
    """How a file writes numbers: `decimal` point, comma, mixed or unclear; whether dots part thousands."""

    decimal: str = "unclear"
    dots: bool = False

    @property
    def lone_comma(self) -> str:
        """Return what the comma of `1,234` is: decimal, thousands or unclear."""
        return {"comma": "decimal", "point": "thousands"}.get(self.decimal, "unclear")

    @property
    def lone_dot(self) -> str:
        """Return what the point of `1.234` is: decimal, thousands or unclear."""
        if self.decimal == "comma":
            return "thousands" if self.dots else "unclear"
        return "unclear" if self.decimal == "mixed" and self.dots else "decimal"


@dataclass(frozen=True)
class Number:
    """What a cell holds: the value, or none with the kind of fault; `repair` names a changed writing."""

    value: float | None
    repair: str = ""
    fault: str = ""


def tidy(text: str) -> str:
    """Return a number's text in narrow digits, without spaces and apostrophes."""
    return re.sub(SPACES, "", text.translate(str.maketrans(WIDE, NARROW)))


def style(sure_commas: int, sure_points: int, dots: int) -> Style:
    """Return the style of a file from counts of cells that leave no doubt."""
    if sure_commas and sure_points:
        return Style("mixed", dots > 0)
    if sure_commas:
        return Style("comma", dots > 0)
    return Style("point") if sure_points else Style()


def style_of(texts: Iterable[str], decimal: str = "auto") -> Style:
    """Return how these cells write numbers; `decimal` point or comma overrules what they show."""
    commas = points = dots = 0
    for raw in texts:
        text = tidy(raw)
        grouped = bool(_RE["dots"].fullmatch(text))
        dots += grouped
        commas += grouped or bool(
            _RE["one_comma"].fullmatch(text) and not _RE["comma_triple"].fullmatch(text)
        )
        points += bool(_RE["commas"].fullmatch(text)) or bool(
            _RE["one_dot"].fullmatch(text) and not _RE["dot_triple"].fullmatch(text)
        )
    if decimal == "comma":
        return Style("comma", True)
    return Style("point") if decimal == "point" else style(commas, points, dots)


def parse(raw: str, how: Style) -> Number:
    """Return the number that a cell holds under a style, or why it holds none."""
    text = tidy(raw)
    form = "number_form" if text != raw.strip() else ""
    doubtful = {"dot_triple": how.lone_dot, "comma_triple": how.lone_comma}
    name = next((name for name in _ORDER if _RE[name].fullmatch(text)), "")
    if not name or doubtful.get(name) == "unclear":
        return Number(None, fault="ambiguous_number" if name else "not_a_number")
    if name == "plain" or (name == "dot_triple" and how.lone_dot == "decimal"):
        return _number(text, form, text)
    if name == "dot_triple":
        return _number(text.replace(".", ""), form, text)
    if name == "commas" or (name == "comma_triple" and how.lone_comma == "thousands"):
        return _number(text.replace(",", ""), "number_form", text)
    return _number(text.replace(".", "").replace(",", "."), "decimal_comma", text)


def _number(plain: str, repair: str, text: str) -> Number:
    value = float(plain)
    if value in {float("inf"), float("-inf")}:
        return Number(None, fault="not_a_number")
    changed = "number_form" if not repair and plain != text else repair
    return Number(value, changed)


def sql_tidy(column: str) -> str:
    """Return the SQL twin of `tidy`, for a text column."""
    spaces = SPACES.replace("'", "''")
    return f"regexp_replace(translate({column}, '{WIDE}', '{NARROW}'), '{spaces}', '', 'g')"


def sql_counts(column: str) -> tuple[str, str, str]:
    """Return the SQL conditions that count sure commas, sure points and dots between thousands."""
    text = sql_tidy(column)

    def full(pattern: str) -> str:
        return f"regexp_full_match({text}, '{pattern}')"

    dots = full(DOTS_THOUSANDS)
    commas = f"({dots} or ({full(ONE_COMMA)} and not {full(COMMA_TRIPLE)}))"
    points = f"({full(COMMAS_THOUSANDS)} or ({full(ONE_DOT)} and not {full(DOT_TRIPLE)}))"
    return commas, points, dots


def sql_parse(column: str, how: Style) -> tuple[str, str, str]:
    """Return the SQL twin of `parse`: SQL for value (double), repair and fault ('' for none)."""
    text = sql_tidy(column)

    def full(pattern: str) -> str:
        return f"regexp_full_match({text}, '{pattern}')"

    lone_dot = {"decimal": text, "thousands": f"replace({text}, '.', '')", "unclear": "null"}[how.lone_dot]
    lone_comma = {
        "decimal": f"replace({text}, ',', '.')",
        "thousands": f"replace({text}, ',', '')",
        "unclear": "null",
    }[how.lone_comma]
    plain = f"""(case when {full(DOT_TRIPLE)} then {lone_dot}
        when {full(PLAIN)} then {text}
        when {full(COMMA_TRIPLE)} then {lone_comma}
        when {full(COMMAS_THOUSANDS)} then replace({text}, ',', '')
        when {full(DOTS_THOUSANDS)} then replace(replace({text}, '.', ''), ',', '.')
        when {full(ONE_COMMA)} then replace({text}, ',', '.') end)"""
    number = f"try_cast({plain} as double)"
    value = f"(case when isfinite({number}) then {number} end)"
    # Nearly every cell of a large file is plain: asked first, so that the long way is for the odd cell.
    fast = f"try_cast({column} as double)"
    odd = f"contains({column}, '_') or starts_with({column}, '+-')"  # DuckDB takes both for numbers
    is_plain = f"(isfinite({fast}) and not ({odd}))" if how.lone_dot == "decimal" else "false"
    value = f"(case when {is_plain} then {fast} else {value} end)"
    comma_form = "decimal_comma" if how.lone_comma == "decimal" else "number_form"
    repair = f"""(case when {is_plain} then ''
        when regexp_full_match({column}, '{PLAIN}')
            and not regexp_full_match({column}, '{DOT_TRIPLE}') then ''
        when {value} is null then ''
        when {full(DOT_TRIPLE)} or {full(PLAIN)} or {full(COMMAS_THOUSANDS)} then 'number_form'
        when {full(COMMA_TRIPLE)} then '{comma_form}'
        else 'decimal_comma' end)"""
    doubt = [
        full(p) for p, s in ((DOT_TRIPLE, how.lone_dot), (COMMA_TRIPLE, how.lone_comma)) if s == "unclear"
    ]
    unclear = " or ".join(doubt) or "false"
    fault = f"""(case when {value} is not null then '' when {unclear} then 'ambiguous_number'
        else 'not_a_number' end)"""
    return value, repair, fault
