"""Machine code that is kept on disk is never older than the source that it was made from."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from kaname.simulate import phases

FOLDER = Path(phases.__file__).parent


def test_the_sum_over_the_files_linked_into_the_phases_is_up_to_date() -> None:
    """Numba looks at the file of a compiled function, not at the files of what it calls."""
    texts = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.py"))}
    linked = [
        name
        for name, text in texts.items()
        if re.search(r"\n@(compiled|inlined)\n", text) and name != "phases.py"
    ]
    assert linked == ["contracts.py", "shipping.py"]
    total = hashlib.sha256("".join(texts[name] for name in linked).encode()).hexdigest()[:16]
    assert total == phases.LINKED, f'write LINKED = "{total}" into phases.py'
