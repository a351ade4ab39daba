"""What `kaname doctor` checks: versions, embedded data, extras, a writable folder."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from kaname.data import store
from kaname.study import versions
from kaname.terms.errors import KanameError
from kaname.terms.extras import EXTRAS, install_line

# what each extra brings, as it is imported
MODULES = {
    "news": ("spacy",),
    "web": ("fastapi", "uvicorn"),
    "cluster": ("dask", "distributed"),
    "economy": ("pymrio",),
    "pdf": ("vl_convert",),
    "notebook": ("ipykernel",),
    "reference": ("linopy",),
}


@dataclass(frozen=True)
class Check:
    """One check: what was found, and the fix where it is not well."""

    name: str
    ok: bool
    found: str
    fix: str = ""


def examine(folder: Path | None = None) -> list[Check]:
    """Return all checks; a missing extra is no failure, only told with its install line."""
    checks = [
        Check("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}"),
        Check("versions", True, ", ".join(f"{name} {version}" for name, version in versions().items())),
        _data(),
        _folder(folder or Path.cwd()),
        Check("processors", True, str(os.cpu_count())),
    ]
    for extra in EXTRAS:
        missing = [module for module in MODULES[extra] if importlib.util.find_spec(module) is None]
        found = "not installed: " + ", ".join(missing) if missing else "installed"
        checks.append(Check(f"extra {extra}", True, found, install_line(extra) if missing else ""))
    return checks


def _data() -> Check:
    try:
        store.verify()
    except KanameError as error:
        return Check("embedded data", False, str(error), "Install kaname again.")
    return Check("embedded data", True, f"whole, snapshot {store.snapshot_id()[:12]}")


def _folder(folder: Path) -> Check:
    if os.access(folder, os.W_OK):
        return Check("folder", True, f"{folder} is writable")
    return Check("folder", False, f"{folder} is not writable", "Give another with --out.")
