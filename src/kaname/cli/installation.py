"""The verb doctor."""

from __future__ import annotations

import json

import typer

from kaname.cli.printing import Json


def doctor(as_json: Json = False) -> None:
    """Check the installation: versions, embedded data, extras, a writable folder."""
    from kaname import health  # noqa: PLC0415

    checks = health.examine()
    rows = [{"check": c.name, "ok": c.ok, "found": c.found, "fix": c.fix} for c in checks]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for check in checks:
            mark = "ok  " if check.ok else "FAIL"
            print(f"{mark} {check.name}: {check.found}" + (f". {check.fix}" if check.fix else ""))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
