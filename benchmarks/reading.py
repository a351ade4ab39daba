"""Reading articles: start, articles a second, memory. `python benchmarks/reading.py [FILE] [COUNT]`.

The limit is the parser: its share of the time is measured in the same run. CPU times count, because machines
are shared.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path


def main() -> None:
    """Print the figures."""
    began = time.process_time()
    from kaname.news.parse import SpacyParser  # noqa: PLC0415 - the start is measured
    from kaname.news.read import read_events  # noqa: PLC0415
    from kaname.news.reading import read_text  # noqa: PLC0415

    parser = SpacyParser()
    default = Path(__file__).resolve().parents[1] / "examples" / "flagship" / "brief.txt"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    document = read_text(path.read_bytes(), path.name)
    found = read_events(document, parser=parser)
    start = time.process_time() - began
    wall, began = time.perf_counter(), time.process_time()
    for _ in range(count):
        read_events(document, parser=parser)
    each, wall = (time.process_time() - began) / count, (time.perf_counter() - wall) / count
    parse = time.process_time()
    texts = [document.of(part) for part in document.body]
    for _ in range(count):
        list(parser.parse(texts))
    share = (time.process_time() - parse) / count / each
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{path.name}: {len(document.text)} characters, {len(found.events)} events")
    print(
        f"start with the first article {start:.2f} CPU s; {each * 1e3:.0f} CPU ms an article, {share:.0%} "
        f"of it the parser"
    )
    print(f"{1 / wall:.1f} articles a second by the wall on one core; {memory:.0f} MB")


if __name__ == "__main__":
    main()
