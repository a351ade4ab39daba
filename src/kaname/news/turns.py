"""Turns of phrase around an act that tell whether it happened, whatever the parse makes of them."""

from __future__ import annotations

import re

_IMAGINED = re.compile(
    r"(?<!been )(?<!was )\b(?:hard|easy|difficult|possible|impossible|tempting|fun) to "
    r"(?:imagine|picture|conceive|foresee)\b"
    r"|\bscenarios?\b[^.;]{0,40}\bin which\b|\b(?:version|vision) of the (?:future|world) in which\b"
    r"|\b(?:one can|one could|you can|we can|try to) (?:imagine|picture)\b|\bworst case\b",
    re.IGNORECASE,
)
"""Words behind which an act is only thought of."""
_LET = re.compile(r"^[\u201c\"]?Let (?!us\b|me\b|them\b|it\b)[^.]*?,? (?:and|then)\b")
"""A condition as an order: "Let X close the strait, and every port would shut"."""
_NOWHERE = re.compile(
    r"^[\u201c\"]?(?:Nowhere|At no (?:point|time)|In no case|On no account|Never(?! (?:before|since)\b))\b"
)
_WHAT_IF = re.compile(r"^[\u201c\"]?(?:But |And |So )?(?:what|suppose|imagine) if\b", re.IGNORECASE)
_PROVIDED = re.compile(
    r"\b(?:provided|providing) that\b|\bon (?:the |one )?condition(?: ?, [^,;]{1,40},)? that\b"
    r"|\b(?:as|so) long as\b|\bonly if\b|\bbut not (?:before|until)\b",
    re.IGNORECASE,
)
"""Words behind an act on which it hangs."""


def by_turn(before: str, after: str) -> str:
    """Return the status that the words before and behind an act give, or nothing."""
    if _WHAT_IF.match(before) or _IMAGINED.search(before):
        return "hypothetical"
    if _LET.match(f"{before} {after}"):
        return "conditional"
    return "negated" if _NOWHERE.match(before) else ""


def is_provided(after: str) -> bool:
    """Return whether what is to come hangs on a condition told behind it: "will go on condition that"."""
    return _PROVIDED.search(after.partition(";")[0]) is not None
