# SPDX-License-Identifier: AGPL-3.0-or-later
"""The role schedule: what it writes runs the site, once at a time, and can be removed again."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import REPOSITORY

NAME = "picluster-tracing-scenario"

# The units where systemd looks for them, in a mount namespace that ends with the test. systemd need not run: systemctl
# enables the timer by itself then, and systemd-analyze reads the units with systemd's own code.
SYSTEMD = f"""
set -e
export SYSTEMD_OFFLINE=1
mount -t tmpfs tmpfs /etc/systemd/system
"$@"
systemctl is-enabled {NAME}.timer
systemd-analyze verify {NAME}.service {NAME}.timer
systemd-analyze calendar "$(sed -n s/^OnCalendar=//p /etc/systemd/system/{NAME}.timer)"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders that replace the machine's own."""
    return tmp_path_factory.mktemp("schedule")


def schedule(place: Path, *around: str, **variables: object) -> str:
    """Run the role on this machine, within another command if there is one; return the recap and what follows it."""
    tools = Path(sys.executable).parent
    settings = {
        "schedule_method": "cron",
        "schedule_name": NAME,
        "schedule_inventory": str(REPOSITORY / "molecule" / "lab" / "inventory.yml"),
        "schedule_ansible_folder": str(tools),
        "schedule_environment": {key: os.environ[key] for key in ("ANSIBLE_COLLECTIONS_PATH", "LAB_DIR", "PATH")},
        "schedule_random_delay": 5,
        "schedule_script": str(place / "run it"),
        "schedule_log": str(place / "log"),
        "schedule_folder": str(place / "lib"),
        "schedule_lock": str(place / "lock"),
        "schedule_cron_folder": str(place),
        "schedule_units_folder": str(place),
        "schedule_logrotate_folder": str(place / "logrotate"),
        **variables,
    }
    (place / "logrotate").mkdir(exist_ok=True)
    role = {"hosts": "localhost", "gather_facts": False, "roles": ["picluster.tracing.schedule"], "vars": settings}
    (place / "play.json").write_text(json.dumps([role]), encoding="utf-8")
    command = [*around, tools / "ansible-playbook", place / "play.json"]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.rpartition("PLAY RECAP")[2]


def run(place: Path) -> subprocess.CompletedProcess:
    """Run the script as cron does: without a terminal and with its own environment."""
    environment = {"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin"}
    return subprocess.run([place / "run it"], env=environment, capture_output=True, text=True, check=False)


def test_the_schedule_is_set_up_once(place):
    assert "changed=4" in schedule(place)
    assert "changed=0" in schedule(place)
    line = (place / NAME).read_text(encoding="utf-8").splitlines()[-1]
    assert line == f"30 3 * * * root sleep \"$(shuf -i 0-5 -n 1)\"; '{place}/run it'"


def test_the_run_sets_up_the_site_and_says_nothing(place):
    done = run(place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = place / "log"
    assert log.stat().st_mode & 0o777 == 0o600
    recap = log.read_text(encoding="utf-8").rpartition("PLAY RECAP")[2]
    assert "pi1 " in recap
    assert recap.count("changed=0") == 2


def test_a_run_is_left_out_while_another_one_runs(place):
    with (place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run(place)
    assert done.returncode == 75
    assert "the previous run has not finished" in done.stderr


def test_a_failed_run_speaks(place, tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("minio_root_password: wrong-password\n", encoding="utf-8")
    schedule(place, schedule_arguments=[f"--extra-vars=@{wrong}"])
    done = run(place)
    assert done.returncode == 2
    assert "Ansible ended with status 2" in done.stderr
    assert "fatal: [pi1]" in done.stderr


def test_pulling_runs_ansible_pull(place):
    schedule(place, schedule_inventory="", schedule_pull_url="https://git.picluster.example/it's.git")
    command = (place / "run it").read_text(encoding="utf-8")
    assert "/ansible-pull --url 'https://git.picluster.example/it'\"'\"'s.git' site.yml >>" in command


def test_systemd_takes_the_units(place):
    """The script's path has a blank, which systemd treats as the end of a word."""
    variables = {"schedule_method": "systemd", "schedule_units_folder": "/etc/systemd/system"}
    after = schedule(place, "unshare", "--mount", "sh", "-c", SYSTEMD, "sh", **variables)
    assert "\nenabled\n" in after
    assert "Normalized form: *-*-* 03:30:00" in after


def test_everything_but_the_log_goes(place):
    schedule(place, schedule_state="absent")
    assert sorted(path.name for path in place.iterdir()) == ["lock", "log", "logrotate", "play.json"]
    assert list((place / "logrotate").iterdir()) == []
