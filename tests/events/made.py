"""Events and documents made by hand."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from kaname.data.stored_event import NewDocument
from kaname.terms.event import Event

NOW = datetime(2026, 1, 20, 12, 0)
PLAIN: dict[str, Any] = {
    "id": "e1", "type": "SANCTION", "mode": "export-ban", "source": ("CHN",), "target": ("JPN",),
    "object": "exports of dual-use goods", "products": (), "hs": (), "commodities": ("dual-use goods",),
    "date": None, "date_precision": None, "place": None, "amount": None, "currency": None, "status": "actual",
    "confidence": 0.9, "rule": "export-stop", "sentence": "China banned exports of dual-use goods to Japan.",
    "start": 0, "end": 48,
}  # fmt: skip


def event(**keys: Any) -> Event:
    """Return an event; what is not given is that of a ban by China on Japan."""
    return Event(**(PLAIN | keys))


def document(
    name: str, *events: Event, published: str | None = "2026-01-16", origin: str = "", text: str = ""
) -> NewDocument:
    """Return a document with events."""
    body = text or " ".join([name, *(one.sentence for one in events)])
    return NewDocument(
        hashlib.sha256(body.encode()).hexdigest(),
        name,
        name.title(),
        published,
        "given",
        "en",
        origin,
        body,
        events,
    )
