# SPDX-License-Identifier: AGPL-3.0-or-later
"""The role picluster_tracing_rbac grants the permissions of docs/rights, with which the modules are tested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from role_files import ROOT, load

ROLE = "picluster_tracing_rbac"
MANIFESTS = {path.stem: load(path)["items"] for path in (ROOT / "docs" / "rights").glob("*.yml")}
LABELS = {"picluster.tracing/account": "picluster-tracing"}

STAND_IN = """
import json, os
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        with open(os.environ["WRITTEN"], "w") as written:
            json.dump(self._task.args, written)
        return super().run(tmp, task_vars) | {"changed": False}
"""


@pytest.fixture
def collection(tmp_path) -> Path:
    """A collection with a stand-in for the module, which records its arguments."""
    top = tmp_path / "ansible_collections" / "picluster" / "tracing"
    (top / "plugins" / "action").mkdir(parents=True)
    (top / "roles").symlink_to(ROOT / "roles")
    (top / "plugins" / "modules").symlink_to(ROOT / "plugins" / "modules")
    (top / "plugins" / "action" / "k8s_apply.py").write_text(STAND_IN, encoding="utf-8")
    return tmp_path


def run(place: Path, **variables: object) -> tuple[subprocess.CompletedProcess, dict]:
    """Run the role; return the process and the arguments of its module."""
    role = {"name": f"picluster.tracing.{ROLE}"}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}
    (place / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(place), "WRITTEN": str(place / "written")}
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local", place / "play.json"]
    command += ["-e", json.dumps({f"{ROLE}_{name}": value for name, value in variables.items()})]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=place)
    written = place / "written"
    return done, json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}


def given(place: Path, **variables: object) -> tuple[dict, list[dict]]:
    """Run the role; return the arguments of its module, and its objects without their labels."""
    done, arguments = run(place, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    objects = [document for document in yaml.safe_load_all(arguments["definition"]) if document]
    for thing in objects:
        assert thing["metadata"].pop("labels") == LABELS
    return arguments, objects


def in_order(objects: list[dict]) -> list[str]:
    return sorted(json.dumps(thing, sort_keys=True) for thing in objects)


def test_all_modules_in_their_usual_namespaces(collection):
    modules = {
        module: [thing["metadata"]["namespace"] for thing in objects if thing["kind"] == "Role"]
        for module, objects in MANIFESTS.items()
        if module != "account"
    }
    arguments, objects = given(collection, modules=modules)
    assert in_order(objects) == in_order([thing for things in MANIFESTS.values() for thing in things])
    assert arguments["prune"] == "picluster.tracing/account=picluster-tracing"


def test_a_module_in_two_namespaces_and_one_in_none(collection):
    _, objects = given(collection, modules={"trace_probe": ["tracing", "kube-system"], "linkerd_tracing": []})
    placed = [
        (thing["metadata"]["name"], thing["metadata"]["namespace"]) for thing in objects if thing["kind"] == "Role"
    ]
    name = "picluster-tracing-trace-probe"
    assert placed == [(name, "tracing"), (name, "kube-system")]
    assert {thing["metadata"]["name"] for thing in objects if thing["kind"] == "ClusterRole"} == {
        name,
        "picluster-tracing-linkerd-tracing",
    }


def test_the_namespace_stays(collection):
    arguments, objects = given(collection, state="absent")
    assert arguments["state"] == "absent"
    assert "prune" not in arguments
    assert "Namespace" not in {thing["kind"] for thing in objects}


def test_a_module_that_is_not_there(collection):
    done, arguments = run(collection, modules={"tempo": ["tracing"]})
    assert done.returncode != 0
    assert (
        "picluster_tracing_rbac_modules names tempo; it knows grafana_datasource, k8s_apply, linkerd_tracing, "
        in done.stdout
    )
    assert arguments == {}
