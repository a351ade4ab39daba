"""Starts a worker process beside a server when a job is due, and ends it when its job is cancelled."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

from kaname.data.job_store import JobStore
from kaname.web.settings import JOBS

LOOK_S = 0.5
GRACE_S = 5.0


class Dispatcher:
    """Has one worker for a folder while there is work: it ends by itself when it has rested or grown."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of runs."""
        self._folder = folder
        self._jobs = JobStore(folder / JOBS)
        self._stop = Event()
        self._worker: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._watch, daemon=True, name="dispatcher")

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker; what it ran is taken up again by the next one."""
        self._stop.set()
        self._thread.join()
        self._end()

    def _watch(self) -> None:
        running: str | None = None
        while not self._stop.wait(LOOK_S):
            if self._worker is None or self._worker.poll() is not None:
                if not self._jobs.due(time.time()):
                    continue
                command = [sys.executable, "-m", "kaname.web.worker", str(self._folder), str(os.getpid())]
                self._worker = subprocess.Popen(command, stdin=subprocess.DEVNULL)
                running = None  # what the one before ran is no care of this one
            now = self._jobs.running(self._worker.pid)
            if running is not None and now is None:  # our own job has ended; another server's is its own care
                job = self._jobs.get(running)
                if job is not None and job.state == "cancelled":
                    self._end()
            running = now

    def _end(self) -> None:
        if self._worker is None or self._worker.poll() is not None:
            return
        self._worker.terminate()
        try:
            self._worker.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()
