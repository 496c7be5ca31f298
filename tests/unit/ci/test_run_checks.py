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
CHECKS = RUNNER.with_name("checks")
# Provides at once what checks need, and is each check: with $WAIT it records its process ID, runs until it is ended,
# and takes a while to clean up.
MAKE = """#!/usr/bin/env bash
name=${!#}
case $1 in
venv | lab-up | build/*) [ "$1" != "$LACKS" ] || exit 1; exit ;;
lab-down) touch "$NOTES/lab-down"; exit ;;
esac
echo "$name" >>"$NOTES/begun"
[[ " $FAILS " != *" $name "* ]] || { echo "--- FAIL: Test"; exit 1; }
if [[ " $FAILS_ONCE " = *" $name "* && ! -e $NOTES/$name.failed ]]; then
	touch "$NOTES/$name.failed"; echo "--- FAIL: Once"; exit 1
fi
[ -n "$WAIT" ] || exit 0
trap 'sleep 1; touch "$NOTES/$name.ended"; exit 143' TERM
echo $$ >"$NOTES/$name.pid"
while :; do sleep 0.1; done
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that starts the runner in a separate folder."""
    for folder in (".ci", "bin", "build", "notes"):
        (tmp_path / folder).mkdir()
    (tmp_path / ".ci" / "checks").write_text(CHECKS.read_text())
    prerequisites = '#!/bin/sh\n[ "$LACKS" != prerequisites ] || exit 1\necho "$@" >"$NOTES/prerequisites"\n'
    programs = {"bin/make": MAKE, "build/lab": MAKE, ".ci/prerequisites": prerequisites}
    for name, program in programs.items():
        (tmp_path / name).write_text(program)
        (tmp_path / name).chmod(0o755)

    def start(*checks: str, **settings: str) -> subprocess.Popen:
        paths = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "NOTES": str(tmp_path / "notes")}
        unset = dict.fromkeys(("CI", "WAIT", "FAILS", "FAILS_ONCE", "LACKS"), "")
        environment = {**os.environ, **paths, **unset, **settings}
        # A shell's background processes ignore interrupts, and so do their children.
        return subprocess.Popen(
            ["env", "--default-signal=INT", RUNNER, *checks],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


@pytest.mark.parametrize(
    ("fails", "status", "end"),
    [
        ("", 0, "16 passed, 0 failed\n"),
        ("lint", 1, "15 passed, 1 failed\n"),
        ("SCENARIO=upgrade", 1, "15 passed, 1 failed\n"),
    ],
    ids=["all pass", "a check fails", "a scenario fails"],
)
def test_every_check_is_counted(run, fails, status, end):
    runner = run(FAILS=fails)
    output, _none = runner.communicate(timeout=60)
    assert runner.returncode == status, output
    assert output.endswith(end), output


def test_what_failed_stands_at_the_end(run, tmp_path):
    runner = run(FAILS="lint")
    output, _none = runner.communicate(timeout=60)
    assert [line.split()[0] for line in output.splitlines()[-3:]] == ["lint", "lint:", "15"], output
    assert (tmp_path / "notes" / "lab-down").exists(), "the lab has ended before"


@pytest.mark.parametrize(
    ("settings", "status", "end"),
    [
        (
            {"CI": "true", "FAILS_ONCE": "lint vet"},
            0,
            ["lint.first: --- FAIL: Once", "vet.first: --- FAIL: Once", "16 passed, 0 failed"],
        ),
        (
            {"CI": "true", "FAILS_ONCE": "lint", "FAILS": "vet"},
            1,
            ["lint.first: --- FAIL: Once", "vet: --- FAIL: Test", "15 passed, 1 failed"],
        ),
        (
            {"CI": "true", "FAILS": "lint vet unit stack"},
            1,
            ["12 passed, 4 failed"],
        ),
        ({"FAILS_ONCE": "lint"}, 1, ["lint           FAILED ", "lint: --- FAIL: Once", "15 passed, 1 failed"]),
    ],
    ids=["flaky ones are named", "what fails twice fails", "many have one cause", "a developer hears of it at once"],
)
def test_a_second_try(run, tmp_path, settings, status, end):
    runner = run(**settings)
    output, _none = runner.communicate(timeout=60)
    assert runner.returncode == status, output
    assert [line[: len(want)] for line, want in zip(output.splitlines()[-len(end) :], end, strict=True)] == end, output
    tries = (tmp_path / "notes" / "begun").read_text().split().count("lint")
    assert tries == (2 if "CI" in settings and "stack" not in settings.get("FAILS", "") else 1)


def test_only_the_named_checks_run(run, tmp_path):
    runner = run("vet", "upgrade")
    output, _none = runner.communicate(timeout=60)
    assert output.endswith("2 passed, 0 failed\n"), output
    assert sorted((tmp_path / "notes" / "begun").read_text().split()) == ["SCENARIO=upgrade", "vet"]
    assert (tmp_path / "notes" / "prerequisites").read_text() == "vet upgrade\n", "no more is looked for"


def test_a_check_that_needs_nothing_makes_nothing(run, tmp_path):
    runner = run("vet", "lint", "unit", LACKS="lab-up")
    output, _none = runner.communicate(timeout=60)
    assert output.endswith("3 passed, 0 failed\n"), output
    assert not (tmp_path / "notes" / "lab-down").exists(), "there is no lab to end"


def test_an_unknown_check_is_refused(run, tmp_path):
    runner = run("vet", "lnt")
    output, _none = runner.communicate(timeout=60)
    assert runner.returncode == 2
    assert output.startswith("there is no check lnt; there are: "), output
    assert not (tmp_path / "notes" / "begun").exists()


@pytest.mark.parametrize(
    ("lacks", "end"),
    [("lab-up", "9 passed, 7 failed\n"), ("build/demo/installed", "9 passed, 7 failed\n")],
    ids=["no lab", "no collection"],
)
def test_what_cannot_run_fails(run, lacks, end):
    runner = run(LACKS=lacks)
    output, _none = runner.communicate(timeout=60)
    assert runner.returncode == 1, output
    assert output.endswith(end), output


def test_no_check_runs_twice(run, tmp_path):
    runner = run()
    runner.communicate(timeout=60)
    begun = (tmp_path / "notes" / "begun").read_text().split()
    assert len(begun) == len(set(begun)) == 16


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_for_what_the_checks_clean_up(run, tmp_path, which):
    runner = run(WAIT="yes")
    notes = tmp_path / "notes"
    first = ["SCENARIO=raspberrypi", "SCENARIO=upgrade", "SCENARIO=pipeline", "integration", "oldest"]
    end = time.monotonic() + 60
    while not all((notes / f"{name}.pid").exists() for name in first):
        assert time.monotonic() < end, list(notes.iterdir())
        time.sleep(0.05)
    runner.send_signal(which)
    runner.communicate(timeout=60)
    assert runner.returncode != 0
    assert sorted(path.stem for path in notes.glob("*.ended")) == sorted(first)
    assert (notes / "lab-down").exists()
