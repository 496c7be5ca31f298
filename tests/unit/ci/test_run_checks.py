# SPDX-License-Identifier: AGPL-3.0-or-later
"""The runner of all checks, with a stand-in for make: what it reports, and what an interrupt leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

RUNNER = Path(__file__).parents[3] / ".ci" / "run_checks"
# Each lane's first check. Notes its number; with $WAIT it runs until it is ended, and takes a while to clean up.
MAKE = """#!/usr/bin/env bash
name=${!#}
case $1 in
lab-up | --silent) exit ;;
lab-down) touch "$NOTES/lab-down"; exit ;;
esac
[ "$name" != "$FAILS" ] || exit 1
[ -n "$WAIT" ] || exit 0
trap 'sleep 1; touch "$NOTES/$name.ended"; exit 143' TERM
echo $$ >"$NOTES/$name.pid"
while :; do sleep 0.1; done
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that starts the runner in a folder of its own."""
    for folder in ("bin", "build", "notes"):
        (tmp_path / folder).mkdir()
    for program in (tmp_path / "bin" / "make", tmp_path / "build" / "lab"):
        program.write_text(MAKE)
        program.chmod(0o755)

    def start(**settings: str) -> subprocess.Popen:
        paths = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "NOTES": str(tmp_path / "notes")}
        environment = {**os.environ, **paths, "WAIT": "", "FAILS": "", **settings}
        return subprocess.Popen([RUNNER], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)

    return start


@pytest.mark.parametrize(
    ("fails", "status", "end"),
    [
        ("", 0, "15 passed, 0 failed\n"),
        ("lint", 1, "14 passed, 1 failed\n"),
        ("SCENARIO=upgrade", 1, "14 passed, 1 failed\n"),
    ],
    ids=["all pass", "a check fails", "a scenario fails"],
)
def test_every_check_is_counted(run, fails, status, end):
    runner = run(FAILS=fails)
    output, _none = runner.communicate(timeout=60)
    assert runner.returncode == status, output
    assert output.endswith(end), output


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_for_what_the_checks_clean_up(run, tmp_path, which):
    runner = run(WAIT="yes")
    notes = tmp_path / "notes"
    first = ["vet", "python", "SCENARIO=pipeline", "SCENARIO=raspberrypi"]
    end = time.monotonic() + 60
    while not all((notes / f"{name}.pid").exists() for name in first):
        assert time.monotonic() < end, list(notes.iterdir())
        time.sleep(0.05)
    runner.send_signal(which)
    runner.communicate(timeout=60)
    assert runner.returncode != 0
    assert sorted(path.stem for path in notes.glob("*.ended")) == sorted(first)
    assert (notes / "lab-down").exists()
