# SPDX-License-Identifier: AGPL-3.0-or-later
"""The roles minio and tempo with a store and without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from role_files import ROOT

# In place of the modules: it records their arguments.
STAND_IN = """
import json, os
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        with open(os.environ["WRITTEN"], "a") as written:
            written.write(json.dumps([self._task.action, self._task.args]) + "\\n")
        return super().run(tmp, task_vars) | {"changed": False, "endpoints": {}, "service_account": "tempo"}
"""

STORE = {"minio_endpoint": "s3.example:9000", "minio_root_password": "root-secret", "minio_tempo_key": "tempo-secret"}
NO_STORE = "Neither minio_endpoint nor minio_url is set"
ONE_NODE = "keeps traces on the volume of one node"


@pytest.fixture
def place(tmp_path) -> Path:
    """A collection with the roles, and stand-ins for their modules."""
    top = tmp_path / "ansible_collections" / "picluster" / "tracing"
    (top / "plugins" / "action").mkdir(parents=True)
    for name in ("roles", "plugins/modules"):
        (top / name).symlink_to(ROOT / name)
    for module in ("minio_tempo_bucket", "tempo_helm"):
        (top / "plugins" / "action" / f"{module}.py").write_text(STAND_IN, encoding="utf-8")
    return tmp_path


def run(place: Path, variables: dict) -> tuple[int, str, dict[str, dict]]:
    """Run both roles; return the exit status, the output, and the arguments of each module that ran."""
    roles = [{"ansible.builtin.import_role": {"name": f"picluster.tracing.{role}"}} for role in ("minio", "tempo")]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": roles}
    (place / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    written = place / "written"
    written.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(place),
        "ANSIBLE_NOCOLOR": "1",
        "WRITTEN": str(written),
    }
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local", place / "play.json"]
    command += ["-e", json.dumps(variables)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=place)
    rows = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()] if written.exists() else []
    return done.returncode, done.stdout + done.stderr, {name.rpartition(".")[2]: given for name, given in rows}


@pytest.mark.parametrize(
    ("variables", "bucket", "storage", "said"),
    [
        (STORE, True, "s3", []),
        ({}, False, "local", [NO_STORE, ONE_NODE]),
        ({"minio_endpoint": ""}, False, "local", [NO_STORE, ONE_NODE]),
        ({"minio_enabled": False}, False, "local", [ONE_NODE]),
        ({"minio_enabled": "false", **STORE}, False, "s3", []),
        ({"minio_enabled": True, **STORE}, True, "s3", []),
        ({"tempo_s3_endpoint": "s3.example", "tempo_s3_secret_key": "tempo-secret"}, False, "s3", [NO_STORE]),
        ({"tempo_storage": "local", **STORE}, True, "local", [ONE_NODE]),
        ({"minio_state": "absent", "tempo_state": "absent"}, False, None, [NO_STORE]),
    ],
    ids=[
        "a store",
        "none",
        "empty",
        "not wanted",
        "kept by others",
        "wanted",
        "of Tempo alone",
        "beside it",
        "removed",
    ],
)
def test_what_is_there_is_used(place, variables, bucket, storage, said):
    code, output, given = run(place, variables)
    assert code == 0, output
    assert ("minio_tempo_bucket" in given) is bucket
    assert given["tempo_helm"].get("storage") == storage
    assert ("s3" in given["tempo_helm"]) is (storage == "s3")
    words = " ".join(output.split())
    assert [text for text in (NO_STORE, ONE_NODE) if text in words] == said


def test_a_store_that_is_wanted_has_to_be_named(place):
    code, output, given = run(place, {"minio_enabled": True})
    assert code != 0
    assert "Set minio_endpoint (host:port) or minio_url" in output
    assert given == {}


def test_a_volume_that_is_not_wanted(place):
    code, output, given = run(place, {"tempo_storage": "s3"})
    assert code != 0
    assert "Set tempo_s3_endpoint (or minio_endpoint)" in output
    assert given == {}
