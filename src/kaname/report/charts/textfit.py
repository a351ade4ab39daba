"""How wide a text is, without a font: generous estimates, so that labels never touch or are cut off."""

from __future__ import annotations

import re
import unicodedata

_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_NOT_FIRST = set("、。，．・：；？！）］｝」』〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々%〜,.:;)")
_NOT_LAST = set("（［｛「『〈《(")
_SLIM = set("iljtfrI.,:;'|!()[] -\N{NO-BREAK SPACE}\N{EN DASH}")
_WIDE = set("mwMW%@\N{EM DASH}")


def text_width(text: str, size: float) -> float:
    """Return an upper estimate of the width of `text` in a sans-serif font of `size`."""
    total = 0.0
    for char in text:
        if (
            unicodedata.east_asian_width(char) in "WF" or char == "…"
        ):  # as wide as a letter in East Asian fonts
            total += 1.0
        elif unicodedata.combining(char):
            continue
        elif char in _SLIM:
            total += 0.36
        elif char in _WIDE:
            total += 0.93
        elif char.isupper():
            total += 0.71
        else:
            total += 0.585
    return total * size


def shorten(text: str, size: float, limit: float) -> str:
    """Return the text, cut with an ellipsis where it is wider than `limit`."""
    if text_width(text, size) <= limit:
        return text
    while text and text_width(text + "\N{HORIZONTAL ELLIPSIS}", size) > limit:
        text = text[:-1]
    return text.rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def wrap(text: str, size: float, limit: float, lines: int = 2) -> list[str]:
    """Return at most `lines` lines, each within `limit`; the last one is cut with an ellipsis if needed."""
    if _EAST_ASIAN.search(text):
        return _wrap_units(_units(text), size, limit, lines)
    out: list[str] = []
    current = ""
    pending = text.split(" ")
    while pending:
        word = pending[0]
        longer = f"{current} {word}" if current else word
        if text_width(longer, size) <= limit or (not current and text_width(word, size) > limit):
            current = longer
            pending.pop(0)
            if text_width(current, size) > limit and len(out) < lines - 1:
                fits = len(current)
                while fits > 1 and text_width(current[:fits], size) > limit:
                    fits -= 1
                out.append(current[:fits])
                pending.insert(0, current[fits:])
                current = ""
        elif len(out) == lines - 1:
            break
        else:
            out.append(current)
            current = ""
    rest = " ".join([current, *pending]).strip()
    if rest or not out:
        out.append(shorten(rest, size, limit))
    return out


def unbroken(text: str) -> list[str]:
    """Return the parts of a text that no line break goes through."""
    return _units(text) if _EAST_ASIAN.search(text) else text.split()


def _units(text: str) -> list[str]:
    """Return the parts of a Japanese text between which a line may break: a letter each, words of Latin
    letters and numbers whole, and no line may begin with a closing mark or end with an opening one.
    """
    parts = re.findall(r"[\x21-\x7e\u00a0]+ ?| |.", text)
    units: list[str] = []
    for part in parts:
        joins = units and (part[0] in _NOT_FIRST or units[-1][-1] in _NOT_LAST)
        if joins:
            units[-1] += part
        else:
            units.append(part)
    return units


def _wrap_units(units: list[str], size: float, limit: float, lines: int) -> list[str]:
    """Return at most `lines` lines of units; the last one is cut with an ellipsis if needed."""
    out: list[str] = []
    current = ""
    for number, unit in enumerate(units):
        if not current or text_width((current + unit).rstrip(), size) <= limit:
            current += unit
        elif len(out) == lines - 1:
            current += "".join(units[number:])
            break
        else:
            out.append(current.rstrip())
            current = unit
    return [*out, shorten(current.strip(), size, limit)]
