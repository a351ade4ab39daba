"""Text files of any encoding and separator, surveyed in one pass and never held in memory.

`survey` reads a file once, in pieces: its hash, its size, its encoding, its separator and its header. Where
the text is not UTF-8, a UTF-8 copy is written into a working folder, which the caller throws away.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from kaname.data.sources.findings import REPAIR, STOP, TELL, Collector, Finding, settle
from kaname.data.sources.layouts import Layout
from kaname.terms.codes import near
from kaname.terms.errors import DataMissing, Problem

PIECE = 4 * 1024 * 1024
SAMPLE = 256 * 1024
MOST_BLANK = 100_000
MOST_LOST = 1000  # bytes that are no characters: beyond, the file is no text of this encoding
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp932", "cp1252")
MIXED = "utf-8 and cp1252"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class TextFile:
    """A surveyed file: `text` is the file itself or its UTF-8 copy; `columns` maps a layout's names to the
    positions in `header`; `blank_lines` are the numbers of empty lines (the first `MOST_BLANK`).
    """

    path: Path
    text: Path
    sha256: str
    size_bytes: int
    encoding: str
    separator: str
    header: tuple[str, ...]
    columns: dict[str, int]
    findings: tuple[Finding, ...]
    blank_lines: tuple[int, ...] = ()


def survey(path: Path, layout: Layout, work: Path, encoding: str = "", limit_bytes: int = 0) -> TextFile:
    """Return what a text file is, read once in pieces; findings that stop the reading are raised.

    `work` is an existing folder for the UTF-8 copy; `encoding` overrules what is detected; `limit_bytes`
    refuses larger files (0: none). Raises `DataMissing` where there is no file, `TableError` for an empty
    one, one without rows or needed columns, and one that is no text.
    """
    if not path.is_file():
        raise DataMissing(Problem("there is no such file", str(path), fix="Check the path"))
    notes = Collector()
    size = path.stat().st_size
    if limit_bytes and size > limit_bytes:
        fix = "Give the file itself, or split it"
        notes.add(
            "too_large", STOP, old=f"{size:,} bytes", expected=f"at most {limit_bytes:,} bytes", fix=fix
        )
        settle(notes.found, "repair", str(path))
    if size == 0:
        notes.add("empty", STOP, expected="a header and rows", fix=f"See kaname data template {layout.kind}")
        settle(notes.found, "repair", str(path))
    digest, is_utf8, sample, blank = _first_pass(path)
    found = encoding or detect(sample, is_utf8)
    text = path
    if found == MIXED:
        text = _transcode_lines(path, work / "text.csv", notes)
    elif found != "utf-8":
        text = _transcode(path, work / "text.csv", found, notes)
    elif not is_utf8:
        text = _transcode(path, work / "text.csv", "utf-8", notes)
    if found not in {"utf-8", "utf-8-sig"}:
        kind = "mixed_encoding" if found == MIXED else "encoding"
        notes.add(kind, REPAIR if found == MIXED else TELL, old=found)
    separator, header = _header(text, layout)
    if not any(header):
        notes.add("empty", STOP, expected="a header and rows", fix=f"See kaname data template {layout.kind}")
    if separator != ",":
        notes.add("delimiter", TELL, old=SEPARATORS[separator])
    columns = match_columns(header, layout, notes)
    if not has_rows(text):
        notes.add("header_only", STOP, expected="at least one row", fix="Export the file again")
    file = TextFile(path, text, digest, size, found, separator, header, columns, notes.found, blank)
    settle(file.findings, "repair", str(path))
    return file


def _first_pass(path: Path) -> tuple[str, bool, bytes, tuple[int, ...]]:
    """Return the sha256, whether the whole is UTF-8, a sample around the first odd byte, and empty lines."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    sample, is_utf8 = b"", True
    blank: list[int] = []
    line, end = 1, b""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            joined = end + piece  # an empty line may begin in one piece and end in the next
            if len(blank) < MOST_BLANK and (b"\n\n" in joined or b"\n\r\n" in joined):
                for hit in re.finditer(rb"(?<=\n)\r?\n", joined):
                    blank.append(line + joined.count(b"\n", 0, hit.start()) - end.count(b"\n"))
            line += piece.count(b"\n")
            end = joined[-2:] if joined[-1:] == b"\r" else joined[-1:]
            if not sample:
                sample = piece[:SAMPLE]
            if not is_utf8:
                continue
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                is_utf8 = False
                start = max(0, piece.rfind(b"\n", 0, error.start) + 1)
                sample = sample[:4096] + b"\n" + piece[start : start + SAMPLE]
        if is_utf8:
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                is_utf8 = False
    return digest.hexdigest(), is_utf8, sample, tuple(blank[:MOST_BLANK])


def detect(sample: bytes, is_utf8: bool) -> str:
    """Return the encoding of a sample: by mark, by zero bytes, by UTF-8, else by what its pairs look like.

    Shift-JIS (cp932) and the Western cp1252 both accept most bytes. Japanese text has kana and kanji whose
    first bytes come in runs; Western text has single letters between others.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    head = sample[:2000]
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
    if is_utf8:
        return "utf-8"
    lines = [line for line in sample.split(b"\n") if any(byte > 127 for byte in line)]
    good = sum(_decodes(line, "utf-8") for line in lines)
    if good and any(_decodes(line, "cp1252") for line in lines if not _decodes(line, "utf-8")):
        return MIXED
    pairs = re.findall(rb"[\x81-\x9f\xe0-\xef][\x40-\x7e\x80-\xfc]", b"\n".join(lines))
    japanese = [p for p in pairs if p[0] in (0x81, 0x82, 0x83) or 0x88 <= p[0] <= 0x9F]
    high = sum(byte > 127 for line in lines for byte in line)
    covered = sum(2 if pair[1] > 127 else 1 for pair in japanese)
    shift_jis = all(_decodes(line, "cp932") for line in lines[:-1] or lines)
    return "cp932" if shift_jis and high and covered >= 0.6 * high else "cp1252"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _transcode(path: Path, target: Path, encoding: str, notes: Collector) -> Path:
    """Write a UTF-8 copy in pieces; what is no character becomes U+FFFD and is counted."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)("replace")
    except LookupError:
        notes.add("undecodable", STOP, old=encoding, expected=", ".join(ENCODINGS), fix="Name an encoding")
        settle(notes.found, "repair", str(path))
        raise
    lost, line = 0, 1
    with path.open("rb") as file, target.open("w", encoding="utf-8", newline="") as out:
        while piece := file.read(PIECE):
            text = decoder.decode(piece)
            lost += _count_lost(text, line, notes)
            if lost > MOST_LOST:
                fix = "Name the encoding with --encoding, or export the file again"
                notes.add("not_readable", STOP, old=f"{lost:,} unreadable bytes", expected=encoding, fix=fix)
                break
            line += text.count("\n")
            out.write(text)
        text = decoder.decode(b"", final=True)
        _count_lost(text, line, notes)
        out.write(text)
    return target


def _count_lost(text: str, line: int, notes: Collector) -> int:
    """Note each line with a character that could not be read."""
    count = text.count("�")
    at = -1
    for _ in range(min(count, MOST_LOST)):
        at = text.find("�", at + 1)
        row = line + text.count("\n", 0, at) - 1
        notes.add("undecodable", REPAIR, "", row, text[max(0, at - 12) : at + 12].strip(), "�")
    return count


def _transcode_lines(path: Path, target: Path, notes: Collector) -> Path:
    """Write a UTF-8 copy line by line: UTF-8 where it decodes, cp1252 elsewhere."""
    with path.open("rb") as file, target.open("w", encoding="utf-8", newline="") as out:
        for number, line in enumerate(file):
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                text = line.decode("cp1252", "replace")
                if "�" in text:
                    notes.add("undecodable", REPAIR, "", number, text.strip()[:40], "�")
            out.write(text)
    return target


def open_text(file: Path) -> IO[str]:
    """Open a surveyed text without its mark, for the csv module."""
    return file.open(encoding="utf-8-sig", newline="")


def _header(text: Path, layout: Layout) -> tuple[str, tuple[str, ...]]:
    """Return the separator under which most names of the layout appear, and the header's names."""
    with open_text(text) as file:
        first = next((line for line in iter(lambda: file.readline(65536), "") if line.strip()), "")
    names = {plain(name) for name in layout.names}
    best, found = ",", tuple(cell.strip() for cell in next(csv.reader([first]), []))
    for separator in SEPARATORS:
        cells = tuple(cell.strip() for cell in next(csv.reader([first], delimiter=separator), []))
        hits = [sum(plain(cell) in names for cell in row) for row in (cells, found)]
        if hits[0] > hits[1] or (not any(hits) and len(cells) > len(found)):
            best, found = separator, cells
    return best, found


def has_rows(text: Path) -> bool:
    """Tell whether anything but white space follows the first line that is not empty."""
    seen = 0
    with open_text(text) as file:
        for line in iter(lambda: file.readline(65536), ""):
            seen += bool(line.strip())
            if seen > 1:
                return True
    return False


def plain(name: str) -> str:
    """Return a column name without case, spaces, dashes and underscores."""
    return re.sub(r"[\s_\-]+", "", name).casefold()


def match_columns(header: Sequence[str], layout: Layout, notes: Collector) -> dict[str, int]:
    """Return the place of each column of a layout in a header; missing, double and renamed ones are noted."""
    found: dict[str, int] = {}
    for name in layout.names:
        exact = [i for i, cell in enumerate(header) if cell == name]
        loose = [i for i, cell in enumerate(header) if plain(cell) == plain(name) and i not in exact]
        if len(exact) > 1 or (not exact and len(loose) > 1):
            notes.add("double_column", STOP, name, expected="one", fix=f"Keep one column {name}")
        elif exact:
            found[name] = exact[0]
        elif loose:
            found[name] = loose[0]
            notes.add("renamed_column", REPAIR, name, None, header[loose[0]], name)
    rest = [cell for i, cell in enumerate(header) if i not in found.values() and cell]
    for name in (name for name in layout.needed if name not in found):
        begins = [cell for cell in rest if plain(cell).startswith(plain(name)[:8])]
        close = list(dict.fromkeys([*begins, *near(name, rest, 2)]))[:2]
        fix = f"Rename {close[0]} to {name}" if close else f"Add the column {name}"
        fix += f"; kaname data template {layout.kind} shows all columns"
        notes.add(
            "missing_column", STOP, name, old=", ".join(close) or "no such column", expected=name, fix=fix
        )
    for cell in rest if "not read and told" in layout.others else ():
        notes.add("unknown_column", TELL, cell)
    return found


def records(file: TextFile, notes: Collector) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, cells by the layout's names) of a small file; rows with wrong cell counts are noted.

    Empty lines are passed over and counted as rows, so that a number is always line less one for a file
    without line breaks in cells.
    """
    with open_text(file.text) as lines:
        reader = csv.reader(lines, delimiter=file.separator)
        seen_header = False
        try:
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if not seen_header:
                    seen_header = True
                    continue
                row = reader.line_num - 1
                if len(cells) != len(file.header):
                    old = file.separator.join(cells)[:120]
                    expected = f"{len(file.header)} cells"
                    notes.add(
                        "cell_count",
                        "drop",
                        "",
                        row,
                        old,
                        "",
                        expected,
                        "Quote cells that hold the separator",
                    )
                    continue
                yield row, {name: cells[i].strip() for name, i in file.columns.items()}
        except csv.Error as error:
            fix = "Close quotation marks, and save as CSV again"
            notes.add("not_readable", STOP, "", reader.line_num - 1, str(error), "", "CSV", fix)


def with_findings(file: TextFile, findings: Sequence[Finding]) -> TextFile:
    """Return the file with further findings."""
    return replace(file, findings=(*file.findings, *findings))
