# SPDX-License-Identifier: AGPL-3.0-or-later
"""A start of the lab that is interrupted while its node starts: after "lab down" the machine is as it was before."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

LAB = Path(os.environ["LAB_DIR"])
GROUPS = Path("/sys/fs/cgroup")
# More seconds than a node takes to start, or to end, on a busy machine.
PATIENCE = 300


def lab(*arguments: str) -> subprocess.Popen:
    """Start a command of the lab."""
    return subprocess.Popen([os.environ["LAB_COMMAND"], *arguments], stdout=subprocess.DEVNULL, start_new_session=True)


def output(*command: str) -> str:
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def processes() -> set[str]:
    """Processes with the lab in their command line, or with its folders mounted in another process namespace."""
    found = set()
    ours = Path("/proc/self/ns/pid").readlink()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            beneath = (folder / "ns" / "pid").readlink() != ours and f"{LAB}/" in (folder / "mountinfo").read_text()
        except OSError:  # it has ended, or belongs to the kernel
            continue
        if f"{LAB}/" in words or beneath:
            found.add(f"{folder.name} {words}")
    return found


def left() -> dict[str, object]:
    """Everything on the machine in which a node could leave something."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    return {
        "processes": processes(),
        "mounts": [line for line in mounts if str(LAB) in line],
        "links": re.findall(r"^\d+: (\S+):", output("ip", "-o", "link"), re.MULTILINE),
        "network namespaces": output("ip", "netns", "list"),
        "packet filters": re.sub(r"^#.*\n|\[\d+:\d+\]", "", output("iptables-save"), flags=re.MULTILINE),
        "control groups": [path for path in groups() if path.exists()],
    }


def groups() -> list[Path]:
    """The node's control group in each hierarchy of either version."""
    own = output("sh", "-c", 'printf %s "$0" | sha256sum', f"{LAB}/data/node")[:8]
    return [GROUPS / f"picluster-lab-{own}", *(tree / f"picluster-lab-{own}" for tree in GROUPS.iterdir())]


@pytest.fixture(scope="module")
def before():
    """The machine with the lab running, and without."""
    at_work = left()
    assert at_work["processes"], "the eyes of this test see a lab that runs"
    assert at_work["control groups"]
    assert lab("down").wait(PATIENCE) == 0
    without = left()
    assert not without["processes"]
    return without


@pytest.mark.parametrize(
    ("which", "status", "moment"),
    [
        (signal.SIGINT, 130, "pid/node"),
        (signal.SIGTERM, 130, "log/node/containerd.log"),
        (signal.SIGKILL, -signal.SIGKILL, "log/node/containerd.log"),
    ],
)
def test_nothing_is_left(before, which, status, moment):
    (LAB / moment).unlink(missing_ok=True)
    up = lab("up", "--pods")
    end = time.monotonic() + PATIENCE
    while not (LAB / moment).exists():
        assert up.poll() is None, "the start ended by itself"
        assert time.monotonic() < end, f"no {moment}"
        time.sleep(0.02)
    up.send_signal(which)
    assert up.wait(PATIENCE) == status
    assert lab("down").wait(PATIENCE) == 0
    assert left() == before
