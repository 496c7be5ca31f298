# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every variable of the role schedule, set to another value than its default, appears in the files that it writes."""

from __future__ import annotations

import pytest
from role_files import specs
from test_schedule import Schedule

# PLACE is the folder of the test; the role removes all files of a method with the other one, so there are two runs.
BOTH = {
    "schedule_name": "other-name",
    "schedule_arguments": ["--tags=tempo"],
    "schedule_vault_password_file": "/etc/other/vault-password",
    "schedule_environment": {"ANSIBLE_CONFIG": "/etc/other/ansible.cfg"},
    "schedule_ansible_folder": "/opt/ansible/bin",
    "schedule_random_delay": 77,
    "schedule_time_limit": 5400,
    "schedule_silence_limit": 90000,
    "schedule_script": "PLACE/other-script",
    "schedule_log": "PLACE/other-log",
    "schedule_folder": "PLACE/other-folder",
    "schedule_lock": "PLACE/other-lock",
    "schedule_logrotate_folder": "PLACE/logrotate",
}
RUNS = {
    "cron": BOTH
    | {
        "schedule_method": "cron",
        "schedule_cron": "17 5 * * 1",
        "schedule_cron_folder": "PLACE/cron",
        "schedule_pull_url": "https://git.example/other.git",
        "schedule_pull_checkout": "other-branch",
        "schedule_pull_playbook": "other.yml",
        "schedule_inventory": "other-hosts.yml",
    },
    "systemd": BOTH
    | {
        "schedule_method": "systemd",
        "schedule_calendar": "Mon *-*-* 05:17:00",
        "schedule_units_folder": "PLACE/units",
        "schedule_playbook": "picluster.tracing.drift",
        "schedule_inventory": "/etc/other/hosts.yml",
    },
}

# The user is the current one, who may have no other; the tests of the role remove the schedule.
ELSEWHERE = {"schedule_state", "schedule_user"}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, str]:
    """The paths and the contents of what the role writes, for each method."""
    found = {}
    for method, variables in RUNS.items():
        schedule = Schedule(tmp_path_factory.mktemp(method))
        done = schedule.role(**variables)
        # No systemd runs here: the role fails once the units are written.
        assert done.returncode == 0 or (method == "systemd" and "Start the timer" in done.stdout), done.stdout
        paths = [path for path in schedule.place.rglob("*") if path.is_file() and path.name != "play.json"]
        text = "\n".join(f"{path}\n{path.read_text(encoding='utf-8')}" for path in paths)
        found[method] = text.replace(str(schedule.place), "PLACE")
    return found


def words(value: object) -> list[str]:
    """Return the texts in a value."""
    if isinstance(value, dict):
        return [text for pair in value.items() for text in pair]
    return value if isinstance(value, list) else [str(value)]


def test_no_variable_is_forgotten():
    assert set(specs("schedule")) - ELSEWHERE == {name for variables in RUNS.values() for name in variables}


def test_every_value_is_another_than_the_default(effective):
    other = {name for run in RUNS.values() for name, value in run.items() if value != effective["schedule"][name]}
    assert set(specs("schedule")) - ELSEWHERE == other


@pytest.mark.parametrize("method", RUNS)
def test_every_value_stands_in_the_files(method, files):
    given = {name: value for name, value in RUNS[method].items() if name != "schedule_method"}
    assert {name for name, value in given.items() for word in words(value) if word not in files[method]} == set()
