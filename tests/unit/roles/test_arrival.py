# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every variable of a role, set to another value than its default, reaches the arguments of its task.

The roles run as they are; in place of the action plugins there is one that records its arguments.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.picluster.tracing.plugins.plugin_utils.role_options import VARIABLES
from role_files import load, specs, stand_in_collection

RUNS = load(Path(__file__).parent / "other_values.yml")

STAND_IN = """
import json, os
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        row = {"host": task_vars["inventory_hostname"], "task": self._task.name, "arguments": self._task.args}
        with open(os.environ["WRITTEN"], "a") as written:
            written.write(json.dumps(row, default=str) + "\\n")
        return result | {"changed": False, "endpoints": {}, "service_account": "tempo"}
"""

# What arrives under other names or values.
TOLD = dict.fromkeys(("linkerd_enabled", "traefik_enabled", "grafana_enabled", "grafana_loki_enabled"), True)

# Variables that affect an option of another one: the task, the option and its value.
DECIDED = {
    "grafana_remove_loki": ("Set up the link from the logs to the traces", "state", "absent"),
    "traefik_access_log": ("Set up tracing and the access log of Traefik", "access_log", False),
}

# Variables that become only a part of an option: text that shows that they arrived.
PARTS = {
    "emojivoto_endpoints": "tempo.example:4317",
    "emojivoto_linkerd": "linkerd.io/inject: enabled",
    "emojivoto_vote_bot": "name: vote-bot",
    "grafana_service_graph": '"service_map": "metrics-uid"',
    "minio_enabled": "store.example",
    "picluster_tracing_rbac_modules": "observer-k8s-apply",
}

# The same for what they remove.
PARTS_LESS = {"emojivoto_bridge": "collector"}

# Variables that decide whether tasks run at all, each with the file that tests it.
DECIDING = {"verify_repair_links": "test_repair.py"}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[str, dict[str, dict]]:
    """The arguments of each task, for each run of a role."""
    top = tmp_path_factory.mktemp("arrival")
    stand_in_collection(top, STAND_IN)
    hosts = {
        f"{role}-{number}": {"ansible_connection": "local", "role": role, **variables}
        for role, runs in RUNS.items()
        for number, variables in enumerate(runs)
    }
    # The strategy free uses one tasks_from for all hosts.
    plays = [
        {
            "hosts": ",".join(host for host, variables in hosts.items() if variables.get("begin", "main.yml") == begin),
            "gather_facts": False,
            "strategy": "ansible.builtin.free",
            "tasks": [
                {"ansible.builtin.include_role": {"name": "picluster.tracing.{{ role }}", "tasks_from": begin}},
            ],
        }
        for begin in ("main.yml", "logs.yml")
    ]
    (top / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    (top / "play.json").write_text(json.dumps(plays), encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(top),
        "ANSIBLE_NOCOLOR": "1",
        "WRITTEN": str(top / "written"),
    }
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", top / "inventory.yml", top / "play.json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=top)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    found: dict[str, dict[str, dict]] = {}
    for line in (top / "written").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["host"], {})[row["task"]] = row["arguments"]
    return found


def at(arguments: object, path: str) -> object:
    """Return the argument at a path with dots; of a list its only element."""
    for name in path.split("."):
        arguments = arguments[0] if isinstance(arguments, list) else arguments
        if name not in arguments:
            return None
        arguments = arguments[name]
    return arguments


def plain(value: object) -> str:
    """Return a value as text: older versions of Ansible turn numbers into text."""
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else str(value)


def arrived(variable: str, value: object, rows: dict[str, dict[str, str]], tasks: dict[str, dict]) -> bool:
    """Say whether a variable's value is where it belongs, in every task that takes it."""
    if variable in DECIDING:
        return (Path(__file__).parent / DECIDING[variable]).exists()
    if variable in DECIDED:
        task, option, expected = DECIDED[variable]
        return tasks[task][option] == expected
    everything = json.dumps(tasks, sort_keys=True)
    if variable in PARTS_LESS:
        return PARTS_LESS[variable] not in everything
    if variable in PARTS:
        return PARTS[variable] in everything
    options = [
        (arguments, option)
        for task, arguments in tasks.items()
        for option, name in rows[task].items()
        if name == variable and at(arguments, option) is not None
    ]
    if options or any(variable in rows[task].values() for task in tasks):
        return bool(options) and all(
            plain(at(arguments, option)) == plain(TOLD.get(variable, value)) for arguments, option in options
        )
    return plain(value) in everything


@pytest.mark.parametrize("role", RUNS)
def test_no_variable_is_forgotten(role):
    assert {name for name in specs(role) if name.startswith(f"{role}_")} == {
        name for run in RUNS[role] for name in run
    } - {"begin"}


@pytest.mark.parametrize("role", RUNS)
def test_every_value_is_another_than_the_default(role, effective):
    other = {name for run in RUNS[role] for name, value in run.items() if value != effective[role].get(name, "")}
    assert {name for name in specs(role) if name.startswith(f"{role}_")} - other == set()


@pytest.mark.parametrize("role", RUNS)
def test_every_value_arrives_in_its_task(role, written):
    lost = {}
    for number, variables in enumerate(RUNS[role]):
        for name, value in variables.items():
            if name != "begin" and not arrived(name, value, VARIABLES[role], written[f"{role}-{number}"]):
                lost.setdefault(name, []).append(number)
    assert {name: runs for name, runs in lost.items() if len(runs) == sum(name in run for run in RUNS[role])} == {}


@pytest.mark.parametrize("role", RUNS)
def test_every_task_was_seen(role, written):
    assert {task for host, tasks in written.items() if host.startswith(f"{role}-") for task in tasks} == set(
        VARIABLES[role]
    )


@pytest.mark.parametrize(("run", "writes", "output"), [(0, False, "auto"), (1, True, "both"), (2, True, "auto")])
def test_where_the_access_log_goes(written, run, writes, output):
    arguments = written[f"traefik-{run}"]["Set up tracing and the access log of Traefik"]
    assert plain(arguments["access_log"]) == str(writes)
    assert arguments["access_log_output"] == output


def test_a_regular_expression_takes_the_place_of_the_field_with_the_trace_id(written):
    fields = {
        run: at(written[run]["Set up the link from the logs to the traces"], "loki.derived_fields")[0]
        for run in ("grafana-0", "grafana-1")
    }
    assert fields["grafana-0"]["matcher_regex"] == r"trace=(\w+)"
    assert "trace_id_field" not in fields["grafana-0"]
    assert fields["grafana-1"]["trace_id_field"] == "trace"
    assert "matcher_regex" not in fields["grafana-1"]
    assert "omit" not in json.dumps(written)
