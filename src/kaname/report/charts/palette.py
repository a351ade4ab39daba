"""The colours, light and dark, and the stylesheet made of them.

Series colours differ in lightness as well as hue, text colours reach 4.5:1 on their ground in both schemes
(tested), and the sequential ramp is one hue, readable with any colour vision. A mark has a class `f-ROLE`
(fill) or `s-ROLE` (stroke); colours are written out, so that converters without CSS variables draw them too.
"""

from __future__ import annotations

LIGHT = {
    "bg": "#ffffff",
    "panel": "#f5f7f9",
    "ink": "#17212b",
    "muted": "#52606d",
    "grid": "#dde3e8",
    "rule": "#7f8c99",
    "accent": "#b5400f",
    "c1": "#0b5fa5",
    "c2": "#9a5b00",
    "c3": "#00735c",
    "c4": "#8b3a7d",
    "c5": "#4a5560",
    "c6": "#1b6f8f",
    "link": "#0b5fa5",
    "nodata": "#f1f3f5",
    "hatch": "#a9b4bf",
    "flow": "#7fa6c9",
    "q0": "#e8f1f9",
    "q1": "#c4dcef",
    "q2": "#95c0e1",
    "q3": "#5f9fce",
    "q4": "#2671ae",
    "q5": "#0b4a82",
    "on0": "#17212b",
    "on1": "#17212b",
    "on2": "#17212b",
    "on3": "#0b1118",
    "on4": "#ffffff",
    "on5": "#ffffff",
}
DARK = {
    "bg": "#12181f",
    "panel": "#1a222b",
    "ink": "#e8edf2",
    "muted": "#a8b4c0",
    "grid": "#2c3742",
    "rule": "#71808e",
    "accent": "#ff9466",
    "c1": "#6cb6ff",
    "c2": "#efb35c",
    "c3": "#4fd1ad",
    "c4": "#dea0d8",
    "c5": "#bac5cf",
    "c6": "#86d0ea",
    "link": "#8ac4ff",
    "nodata": "#1a222b",
    "hatch": "#55626f",
    "flow": "#3d6c96",
    "q0": "#1c2d3e",
    "q1": "#224364",
    "q2": "#29588a",
    "q3": "#4a8cc6",
    "q4": "#7fb6e6",
    "q5": "#bcdaf6",
    "on0": "#f2f6fa",
    "on1": "#f2f6fa",
    "on2": "#f2f6fa",
    "on3": "#0b1118",
    "on4": "#0b1118",
    "on5": "#0b1118",
}
SERIES = ("c1", "c2", "c3", "c4", "c5", "c6")
FONT = '"Segoe UI","Helvetica Neue","Hiragino Sans","Noto Sans",Arial,"Noto Sans CJK JP",sans-serif'
DASHES = {"observed": "none", "estimated": "9 3 2 3", "modelled": "6 3", "assumed": "1.5 3"}


def colour_rules(colours: dict[str, str]) -> str:
    """Return the fill and stroke rules of one scheme."""
    return "".join(
        f".k .f-{role}{{fill:{colour}}}.k .s-{role}{{stroke:{colour}}}" for role, colour in colours.items()
    )


def chart_style() -> str:
    """Return the stylesheet of the charts: light colours, and dark ones where the reader's screen is dark."""
    dashes = "".join(f".k .b-{basis}{{stroke-dasharray:{dash}}}" for basis, dash in DASHES.items())
    return (
        f".k{{font-family:{FONT}}}.k .no{{fill:none}}.k .bold{{font-weight:600}}"
        ".k .halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}"
        f"{dashes}{colour_rules(LIGHT)}"
        f"@media screen and (prefers-color-scheme:dark){{{colour_rules(DARK)}}}"
    )
