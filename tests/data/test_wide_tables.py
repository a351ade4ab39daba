"""The wide tables are what their tool writes from the descriptions and the published figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WIDE = ROOT / "src" / "kaname" / "data" / "tables" / "wide"


def test_the_tables_are_the_tool_s(shared_data: Path, tmp_path: Path) -> None:
    tool = ROOT / "tools" / "build_wide_tables.py"
    line = [sys.executable, str(tool), "--shared", str(shared_data), "--out", str(tmp_path)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in WIDE.iterdir()}, "run: python " + tool.name
    assert "no code for country" not in done.stdout  # every country of the sources has a place
