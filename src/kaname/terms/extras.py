"""The optional extras, and the one way to import what they install.

A part of kaname that needs an extra asks for it where it is used, never at import time of the package:

    fastapi = require_extra("web", "fastapi")
"""

from __future__ import annotations

import importlib
from types import MappingProxyType, ModuleType

from kaname.terms.errors import DataMissing, InputError, Problem

EXTRAS = MappingProxyType(
    {
        "news": "reading articles into events",
        "web": "the pages in the browser",
        "cluster": "runs spread over several machines",
        "economy": "input-output tables of whole economies",
        "pdf": "charts and reports as PNG and PDF",
        "notebook": "a kernel for notebooks",
        "reference": "the planner written a second time, with names, to check it",
    }
)
"""Name of each extra in pyproject.toml -> what it is for. `all` holds them together."""


def install_line(extra: str) -> str:
    """Return the command that installs an extra: `pip install 'kaname[web]'`."""
    return f"pip install 'kaname[{extra}]'"


def require_extra(extra: str, module: str) -> ModuleType:
    """Import `module`, which the extra `extra` installs, and return it.

    Raises DataMissing (exit code 3), with the install line as its fix, when the module or its package is not
    installed; InputError when kaname has no such extra. A module that is installed but fails on an import of
    its own raises that error unchanged: installing the extra would not mend it.
    """
    if extra not in EXTRAS:
        known = "one of " + ", ".join(EXTRAS)
        raise InputError(Problem("unknown extra", where="kaname", got=repr(extra), expected=known))
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not (module == error.name or module.startswith(f"{error.name}.")):
            raise
    raise DataMissing(
        Problem(
            f"{EXTRAS[extra]} needs the extra '{extra}', which is not installed",
            where=module,
            fix=f"Install it: {install_line(extra)}",
        )
    )
