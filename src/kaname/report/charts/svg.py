"""SVG markup as strings: escaped, deterministic, numbers with at most one decimal."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def escape(text: object) -> str:
    """Return text that is safe inside XML and HTML, as content and as attribute; illegal characters go."""
    clean = _ILLEGAL.sub("", str(text))
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        clean = clean.replace(raw, safe)
    return clean


def num(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def tag(name: str, /, *children: str, **attributes: object) -> str:
    """Return an element. Children are markup; attributes are escaped.

    Attribute names: `class_` is class, `data_x` is data-x; None and False are left out; floats are rounded.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        parts.append(f'{label}="{num(value) if isinstance(value, float) else escape(value)}"')
    head = " ".join(parts)
    return f"<{head}>{''.join(children)}</{name}>" if children else f"<{head}/>"


def line(x1: float, y1: float, x2: float, y2: float, class_: str, **attributes: object) -> str:
    """Return a straight line."""
    return tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=class_, **attributes)


def rect(x: float, y: float, width: float, height: float, class_: str, **attributes: object) -> str:
    """Return a rectangle; a negative size counts as nothing."""
    return tag(
        "rect",
        *attributes.pop("children", ()),  # type: ignore[misc]
        x=float(x),
        y=float(y),
        width=float(max(width, 0)),
        height=float(max(height, 0)),
        class_=class_,
        **attributes,
    )


def words(
    x: float, y: float, text: str, class_: str = "f-ink", size: float = 12, **attributes: object
) -> str:
    """Return one line of text with its baseline at y."""
    return tag(
        "text", escape(text), x=float(x), y=float(y), class_=class_, font_size=float(size), **attributes
    )


@dataclass(frozen=True)
class Drawing:
    """A drawn chart body: its height in units, markup, the sentence a screen reader hears, and what is to be
    said below it.
    """

    height: float
    body: str
    summary: str
    note: str = ""


@dataclass(frozen=True)
class Canvas:
    """What a chart is drawn on: the width in units and the prefix of its element ids."""

    width: int
    ident: str

    @property
    def narrow(self) -> bool:
        """Return whether this is the telephone variant."""
        return self.width < 440

    @property
    def hatch(self) -> str:
        """Return the fill that means `no data`."""
        return f"url(#{self.ident}-hatch)"
