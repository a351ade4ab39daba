"""A store with events made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made import NOW

from kaname.data.event_store import EventStore
from kaname.data.stored_event import NewDocument


@pytest.fixture
def filled(tmp_path: Path) -> Callable[..., EventStore]:
    """Return what makes a store of some documents."""

    def make(*documents: NewDocument) -> EventStore:
        store = EventStore(tmp_path / "e.duckdb", create=True)
        for one in documents:
            store.add(one, NOW)
        return store

    return make
