"""What a server is told at its start."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from kaname.terms.errors import InputError, Problem

LOOPBACK = ("127.0.0.1", "localhost", "::1")
JOBS = ".jobs.sqlite"
AUDIT = ".audit.jsonl"
ANSWERS = ".answers"
"""Folder of the answers of tasks, in the folder of runs."""
MIN_TOKEN_CHARACTERS = 20


@dataclass(frozen=True)
class Settings:
    """Where runs lie, where the events are, who may come in.

    `folder` holds run folders, those of the command line included, and the job file. `store` is the event
    store. Beyond the loopback a token is needed: `read_token` opens reading, `write_token` all.
    Raises InputError where it is bound wider without one.
    """

    folder: Path
    store: Path
    host: str = "127.0.0.1"
    port: int = 8765
    read_token: str = ""
    write_token: str = ""
    names: tuple[str, ...] = ()
    """Host names beside the address under which it may be asked."""
    most_waiting: int = 50
    most_body_bytes: int = 2_000_000
    most_reads_per_10_s: int = 5000
    most_writes_per_10_s: int = 100
    most_streams: int = 32
    sample_draws: int = 32
    work: bool = True
    """Whether this server runs what is queued; without it another one on the same folder does."""

    def __post_init__(self) -> None:
        """Refuse an open door."""
        if not self.is_local and not (self.read_token or self.write_token):
            raise InputError(
                Problem(
                    "bound wider than this machine without a token",
                    "--host",
                    self.host,
                    "127.0.0.1, or a token",
                    "Give --write-token or --read-token, or the environment variables of the same meaning.",
                )
            )
        for name in ("read_token", "write_token"):
            token = getattr(self, name)
            if token and len(token) < MIN_TOKEN_CHARACTERS:
                raise InputError(
                    Problem(
                        "the token is too short",
                        "--" + name.replace("_", "-"),
                        f"{len(token)} characters",
                        f"at least {MIN_TOKEN_CHARACTERS}",
                    )
                )

    @property
    def is_local(self) -> bool:
        """Return whether only this machine can come in."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def hosts(self) -> frozenset[str]:
        """Return the names, with and without the port, that a request may be addressed to."""
        plain = {*LOOPBACK, self.host, *self.names} - {"0.0.0.0", "::"}
        shown = {f"[{name}]" if ":" in name else name for name in plain}
        return frozenset(shown | {f"{name}:{self.port}" for name in shown})
