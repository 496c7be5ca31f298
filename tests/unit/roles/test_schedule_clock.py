# SPDX-License-Identifier: AGPL-3.0-or-later
"""The script of the role schedule with a clock that goes back, and where what it needs is not there."""

from __future__ import annotations

import fcntl
import time

import pytest
from test_schedule import NAME, SHELLS, Schedule


@pytest.fixture(scope="module")
def schedule(tmp_path_factory) -> Schedule:
    made = Schedule(tmp_path_factory.mktemp("clock"))
    made.write(schedule_time_limit=600, schedule_silence_limit=3600)
    return made


@pytest.mark.parametrize("shell", SHELLS)
def test_a_clock_that_was_set_back_silences_nothing_for_long(schedule, shell):
    now = int(time.time())
    years = now + 10**8
    cases = {
        "ended in years": ({"since": "1", "ended": f"{years} 0"}, 75, True),
        "installed in years": ({"since": f"{years}"}, 75, True),
        "seen lately": ({"since": "1", "ended": f"{years} 0", "noticed": f"{now - 600}"}, 75, True),
        "seen long ago": ({"since": "1", "ended": f"{years} 0", "noticed": f"{now - 8000}"}, 69, True),
        "set back twice": ({"since": "1", "ended": f"{years} 0", "noticed": f"{years - 9}"}, 75, True),
        "right again": ({"since": "1", "ended": f"{now - 600} 0", "noticed": f"{now - 8000}"}, 75, False),
    }
    with schedule.lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, (known, status, noticed) in cases.items():
            schedule.remember(**known)
            done = schedule.run(shell=shell)
            assert done.returncode == status, (name, done.stderr)
            left = schedule.known()
            assert ("noticed" in left) == noticed, name
            assert int(left.get("noticed", "0")) <= time.time(), name
            assert {key: left[key] for key in known if key != "noticed"} == {
                key: value for key, value in known.items() if key != "noticed"
            }, name
    schedule.remember(since="1", ended=f"{years} 0", noticed=f"{now - 8000}")
    schedule.run(shell=shell)
    assert int(schedule.known()["ended"].split()[0]) <= time.time()
    schedule.run(shell=shell)
    assert "noticed" not in schedule.known()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_state_of_a_clock_that_was_set_back_is_told(schedule, shell):
    now = int(time.time())
    years = now + 10**8
    schedule.remember(
        since="1", began=f"{now - 150}", ended=f"{years} 2", succeeded=f"{years}", noticed=f"{now - 259300}"
    )
    told = schedule.run("--status", shell=shell)
    assert told.returncode == 69
    assert (
        told.stdout == f"{NAME}: the last run finished at a time that is still to come with status 2\n"
        f"{NAME}: the last success was at a time that is still to come\n"
        f"{NAME}: a run began 2 minutes ago and has not finished\n"
    )
    assert told.stderr == f"{NAME}: no run has finished for 3 days\n"
    schedule.remember(since="1", ended=f"{years} 0")
    told = schedule.run("--status", shell=shell)
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_path_without_the_usual_programs_is_no_reason_to_be_left_out(schedule, shell):
    schedule.does("exit 9")
    for path in ("/nonexistent", ""):
        done = schedule.run(shell=shell, PATH=path)
        assert (done.returncode, "ended with status 9" in done.stderr) == (9, True), (path, done.stderr)


def test_a_lock_that_cannot_be_taken_is_not_a_run_that_goes_on(schedule):
    programs = schedule.place / "odd"
    programs.mkdir()
    flock = programs / "flock"
    flock.write_text("#!/bin/sh\nexit 71\n", encoding="utf-8")
    flock.chmod(0o755)
    done = schedule.run(PATH=f"{programs}:/usr/bin:/bin")
    assert (done.returncode, done.stderr) == (73, f"{NAME}: cannot lock {schedule.lock}\n")
