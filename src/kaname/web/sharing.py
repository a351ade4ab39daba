"""A draft in a link: the text of a scenario, compressed, with its seed, draws and where it began.

What comes in is from anybody: it is held to a length before and after it is unpacked, and only shown and
checked, never run.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kaname.study import DEFAULT_DRAWS, DEFAULT_SEED
from kaname.terms.errors import InputError, Problem
from kaname.web.runs import MOST_DRAWS, MOST_YAML_CHARACTERS

MOST_LINK = 8_000
"""Characters of a packed draft that a link carries; longer addresses are cut by some programs."""
_MOST_BYTES = 4 * MOST_YAML_CHARACTERS
_RAW = -zlib.MAX_WBITS
_DAMAGED = "Ask for the link again, or for the file."


@dataclass(frozen=True)
class Draft:
    """What stands on the page of a scenario: text, seed, draws, and the shipped scenario it began from."""

    text: str = ""
    seed: int = DEFAULT_SEED
    draws: int = DEFAULT_DRAWS
    name: str = ""


class _Shape(BaseModel):
    """What a link holds."""

    model_config = ConfigDict(extra="forbid", strict=True)

    v: int = Field(ge=1, le=1)
    text: str = Field(max_length=MOST_YAML_CHARACTERS)
    seed: int = Field(ge=0, lt=2**32)
    draws: int = Field(ge=0, le=MOST_DRAWS)
    name: str = Field(max_length=120)


def pack(draft: Draft) -> str:
    """Return a draft as characters for a link; empty where it is too long for one (`MOST_LINK`)."""
    shape = {"v": 1, "text": draft.text, "seed": draft.seed, "draws": draft.draws, "name": draft.name}
    packer = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    packed = packer.compress(json.dumps(shape, ensure_ascii=False).encode()) + packer.flush()
    link = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    return link if len(link) <= MOST_LINK else ""


def unpack(link: str) -> Draft:
    """Return the draft of a link. Raises InputError for one that is too long, damaged or not ours."""
    if len(link) > MOST_LINK:
        raise _fault("the link is too long", f"{len(link):,} characters", f"at most {MOST_LINK:,}")
    try:
        packed = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
        opener = zlib.decompressobj(_RAW)
        content = opener.decompress(packed, _MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise _fault("the link is damaged", f"{len(link):,} characters", "the link as it was made") from None
    if len(content) > _MOST_BYTES:
        raise _fault("the draft is too long", f"more than {_MOST_BYTES:,} bytes", "a scenario")
    if not opener.eof or opener.unused_data:
        raise _fault("the link is damaged", "a part of it", "the link as it was made")
    try:
        found = _Shape.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        got = f"{where} {first['msg']}".strip()
        raise _fault("the link holds no draft of this version", got, "") from None
    return Draft(found.text.replace("\r\n", "\n"), found.seed, found.draws, found.name)


def _fault(what: str, got: str, expected: str) -> InputError:
    return InputError(Problem(what, "draft", got, expected, _DAMAGED))
