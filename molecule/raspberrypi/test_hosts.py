# SPDX-License-Identifier: AGPL-3.0-or-later
"""A start of hosts that is killed at any moment: "stop" ends all of it and leaves nothing."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

COMMANDS = Path(__file__).parent / "hosts"
CACHE = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"], "build", "raspberrypi")


def of(folder: Path) -> list[str]:
    """Running processes with the folder in their command line or below their root; no zombies."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            if str(folder).encode() in words or str(folder) in (process / "mountinfo").read_text():
                found.append(words.replace(b"\0", b" ").decode())
        except OSError:  # it has ended, or belongs to the kernel
            continue
    return found


@pytest.mark.parametrize("moment", ["start", "one.process", "two.process", "one.forward.process"])
def test_nothing_is_left(tmp_path, moment):
    folder = tmp_path / "hosts"
    # Nothing listens at the port that the hosts should see, so the start would wait for it.
    command = [COMMANDS / "start", folder, CACHE, "1", "one", "two"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as start:
        end = time.monotonic() + 60
        while not (folder / moment).exists():
            assert start.poll() is None, "the start ended by itself"
            assert time.monotonic() < end, f"no {moment}"
            time.sleep(0.01)
        start.kill()
    subprocess.run([COMMANDS / "stop", folder], check=True, timeout=60)
    assert of(folder) == []
    assert not folder.exists()
