# SPDX-License-Identifier: AGPL-3.0-or-later
"""The role verify lists the hops, whether the proof passes or fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from role_files import ROOT

# In place of the module: its result is in a file.
STAND_IN = """
import json, os
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        with open(os.environ["ANSWER"]) as answer:
            return super().run(tmp, task_vars) | json.load(answer)
"""

PASSED = {"name": "query", "title": "Tempo's query frontend", "status": "passed"}
DOUBTFUL = {"name": "ingress", "title": "request through Traefik", "status": "passed", "doubt": "it answered 404"}
FAILED = {"name": "traefik", "title": "Traefik's span", "status": "failed", "cause": "Traefik sends none"}
SKIPPED = {"name": "grafana", "title": "trace in Grafana", "status": "skipped"}


@pytest.fixture
def place(tmp_path) -> Path:
    """A collection with the role, and a stand-in for its module."""
    top = tmp_path / "ansible_collections" / "picluster" / "tracing"
    (top / "plugins" / "action").mkdir(parents=True)
    for name in ("roles", "plugins/modules"):
        (top / name).symlink_to(ROOT / name)
    (top / "plugins" / "action" / "trace_probe.py").write_text(STAND_IN, encoding="utf-8")
    return tmp_path


def run(place: Path, answer: dict) -> tuple[int, str]:
    """Run the role with a module with this result; return its exit status and its output."""
    role = {"name": "picluster.tracing.verify"}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}
    (place / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    (place / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(place),
        "ANSIBLE_NOCOLOR": "1",
        "ANSWER": str(place / "answer.json"),
    }
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local", place / "play.json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=place)
    return done.returncode, done.stdout + done.stderr


def test_a_proof_that_passes(place):
    code, said = run(place, {"changed": False, "hops": [PASSED, DOUBTFUL]})
    assert code == 0, said
    assert "Tempo's query frontend: passed" in said
    assert "request through Traefik: passed: it answered 404" in said


def test_a_proof_that_fails(place):
    code, said = run(place, {"changed": False, "failed": True, "msg": "lost", "hops": [PASSED, FAILED, SKIPPED]})
    assert code != 0
    assert "Tempo's query frontend: passed" in said
    assert "Traefik's span: failed: Traefik sends none" in said
    assert "trace in Grafana: skipped" in said


def test_a_proof_that_did_not_begin(place):
    code, said = run(place, {"changed": False, "failed": True, "msg": "no kubeconfig"})
    assert code != 0
    assert "no kubeconfig" in said
    assert "skipping: [localhost]" in said
