# SPDX-License-Identifier: AGPL-3.0-or-later
"""The role grafana links a span to its logs where there are any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from role_files import ROOT

# In place of the modules: those for Loki return what the test sets, and all record their arguments.
STAND_IN = """
import json, os
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars) | {"changed": False, "uid": "x", "endpoints": {"query": "http://tempo"}}
        with open(os.environ["WRITTEN"], "a") as written:
            written.write(json.dumps([self._task.name, self._task.args], default=str) + "\\n")
        if self._task.args.get("ds_type") == "loki":
            return result | json.loads(os.environ["LOKI"])
        return result
"""

MISSING = {"uid": "loki", "missing": "find Loki: there is none"}
FOUND = {"uid": "theirs"}
GRAFANA = {"grafana_url": "http://grafana.example", "grafana_password": "grafana-secret"}


@pytest.fixture
def place(tmp_path) -> Path:
    """A collection with the role, and stand-ins for its modules."""
    top = tmp_path / "ansible_collections" / "picluster" / "tracing"
    (top / "plugins" / "action").mkdir(parents=True)
    for name in ("roles", "plugins/modules"):
        (top / name).symlink_to(ROOT / name)
    for module in ("grafana_datasource", "trace_probe", "traefik_tracing"):
        (top / "plugins" / "action" / f"{module}.py").write_text(STAND_IN, encoding="utf-8")
    return tmp_path


def link(place: Path, loki: dict, variables: dict, *flags: str, site: bool = False) -> dict:
    """Run the role, with site beside the role tempo; return the arguments of its tasks by the tasks' names."""
    roles = ["tempo", "grafana"] if site else ["grafana"]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.import_role": {"name": f"picluster.tracing.{name}"}, "tags": [name]} for name in roles
        ],
    }
    (place / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(place),
        "WRITTEN": str(place / "written"),
        "LOKI": json.dumps(loki),
    }
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local", place / "play.json"]
    command += ["-e", json.dumps(GRAFANA | variables), *flags]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in (place / "written").read_text(encoding="utf-8").splitlines()]
    return dict(rows)


@pytest.mark.parametrize(
    ("loki", "variables", "uid"),
    [
        (MISSING, {}, None),
        (FOUND, {}, "theirs"),
        (MISSING, {"grafana_loki_url": "http://loki.example:3100"}, "loki"),
        (MISSING, {"grafana_loki_enabled": True}, "loki"),
        (MISSING, {"grafana_loki_uid": "mine"}, "mine"),
        (FOUND, {"grafana_loki_enabled": False}, None),
    ],
    ids=["no Loki", "a Loki", "its address", "it has to be there", "its uid", "not wanted"],
)
def test_the_link(place, loki, variables, uid):
    tasks = link(place, loki, variables)
    told = tasks["Set up the data source with the traces"]["tempo"]
    assert told.get("traces_to_logs", {}).get("datasource_uid") == uid
    linked = "Set up the link from the logs to the traces" in tasks
    assert linked == (uid is not None), "the search has warned already that there is none"
    looked = tasks.get("Look for the data source with the logs", {})
    assert looked.get("ds_url_if_new") == variables.get("grafana_loki_url"), "one that is made later is not left out"


def test_a_check_announces_no_url_that_a_run_does_not_set(place):
    checked = link(place, FOUND, {}, "--check")["Set up the data source with the traces"]
    assert checked == link(place, FOUND, {})["Set up the data source with the traces"]


@pytest.mark.parametrize(
    ("site", "variables", "named"),
    [
        (True, {}, (None, None)),
        (True, {"tempo_namespace": "observe"}, ("observe", "tempo")),
        (False, {"k3s_tracing_namespace": "observe", "tempo_release_name": "traces"}, ("observe", "traces")),
        (False, {"grafana_tempo_namespace": "mine", "tempo_namespace": "observe"}, ("mine", "tempo")),
    ],
    ids=["nothing set", "the role tempo's", "pi-cluster's", "this role's own"],
)
def test_the_tempo_that_the_variables_name(place, site, variables, named):
    tasks = link(place, FOUND, variables, "--tags", "grafana", site=site)
    told = tasks["Set up the data source with the traces"]
    assert (told.get("tempo_namespace"), told.get("tempo_release")) == named, "the only Tempo if nothing names one"
    looked = tasks["Read where Tempo answers queries"]
    for task in (looked, tasks["Read from Traefik which field of its access log holds the trace ID"]):
        assert (task["tempo_namespace"], task["tempo_release"]) == (named[0] or "tracing", named[1] or "tempo")
