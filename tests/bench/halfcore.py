# SPDX-License-Identifier: AGPL-3.0-or-later
"""Half a processor for some processes: about what a Raspberry Pi has compared with a workstation."""

from __future__ import annotations

import os
from pathlib import Path

PARENT = Path("/sys/fs/cgroup/cpu")  # control groups of version 1
PERIOD = 100_000  # microseconds


class HalfCore:
    """A control group; the children of its processes belong to it too."""

    def __init__(self, name: str) -> None:
        self._folder = PARENT / f"tracing-bench-{name}-{os.getpid()}"

    @staticmethod
    def possible() -> bool:
        """Say whether such a group can be made on this machine."""
        return (PARENT / "cpu.shares").exists() and os.access(PARENT, os.W_OK)

    def __enter__(self) -> HalfCore:
        """Make the group."""
        self._folder.mkdir()
        (self._folder / "cpu.cfs_period_us").write_text(str(PERIOD), encoding="utf-8")
        (self._folder / "cpu.cfs_quota_us").write_text(str(PERIOD // 2), encoding="utf-8")
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove the group; a persistent ssh connection continues outside."""
        for process in (self._folder / "cgroup.procs").read_text(encoding="utf-8").split():
            _join(PARENT, int(process))
        self._folder.rmdir()

    def command(self, *words: object) -> list[object]:
        """Return the command that runs another one in the group."""
        return ["/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"', self._folder / "cgroup.procs", *words]

    def take(self, process: int) -> None:
        """Add a process."""
        _join(self._folder, process)


def _join(folder: Path, process: int) -> None:
    try:
        (folder / "cgroup.procs").write_text(str(process), encoding="utf-8")
    except ProcessLookupError:  # it has ended meanwhile
        return
