# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the roles minio and tempo accept as the address of the store and as a password, before any module runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]

# Secrets here are unquoted digits: YAML parses them as numbers.
GIVEN = {
    "minio": {"minio_root_password": 12345678901234567890, "minio_tempo_key": 1234567890.1},
    "tempo": {"tempo_s3_secret_key": 12345678901234567890},
}


def host() -> str:
    """The expression with which the role tempo splits host and port from the address."""
    tasks = yaml.safe_load((ROOT / "roles/tempo/tasks/main.yml").read_text(encoding="utf-8"))
    task = next(task for task in tasks if "picluster.tracing.tempo_helm" in task)
    return task["vars"]["__tempo_s3"]["endpoint"].strip("{} ")


# What the tasks after the checks would use.
SHOWN = {
    "minio": "__minio_address",
    "tempo": f"({host()}) ~ (' http' if tempo_s3_insecure | bool else ' https')",
}

MINIO, TEMPO = "minio", "tempo"
FORM = "must be host:port or a URL such as https://s3.example.com:9091, without a login and without a path"
CASES = {
    "host and port": (MINIO, {"minio_endpoint": "s3:9000"}, "s3:9000"),
    "host and port for Tempo": (TEMPO, {"minio_endpoint": "s3:9000"}, "s3:9000 https"),
    "URL": (MINIO, {"minio_endpoint": "http://s3:9000"}, "http://s3:9000"),
    "URL for Tempo": (TEMPO, {"minio_endpoint": "http://s3:9000"}, "s3:9000 http"),
    "slash at the end": (TEMPO, {"minio_endpoint": "HTTPS://s3:9000/"}, "s3:9000 https"),
    "other variable": (TEMPO, {"minio_url": "http://s3:9000"}, "s3:9000 http"),
    "scheme of the other variable": (
        TEMPO,
        {"minio_endpoint": "pod:9000", "minio_url": "http://s3:9000"},
        "pod:9000 http",
    ),
    "own scheme first": (
        TEMPO,
        {"minio_endpoint": "https://pod:9000", "minio_url": "http://s3:9000"},
        "pod:9000 https",
    ),
    "without TLS": (TEMPO, {"minio_endpoint": "s3:9000", "minio_secure": False}, "s3:9000 http"),
    "Tempo's own": (TEMPO, {"tempo_s3_endpoint": "http://[::1]:9000"}, "[::1]:9000 http"),
    "login": (MINIO, {"minio_url": "http://u:hunter2@s3:9000"}, f"minio_url {FORM}"),
    "login for Tempo": (TEMPO, {"minio_url": "http://u:hunter2@s3:9000"}, f"minio_url {FORM}"),
    "path": (MINIO, {"minio_endpoint": "s3:9000/bucket"}, f"minio_endpoint {FORM}"),
    "path for Tempo": (TEMPO, {"minio_endpoint": "s3:9000/bucket"}, f"minio_endpoint {FORM}"),
    "scheme": (MINIO, {"minio_endpoint": "s3://s3:9000"}, f"minio_endpoint {FORM}"),
    "scheme for Tempo": (TEMPO, {"tempo_s3_endpoint": "ftp://s3:9000"}, f"tempo_s3_endpoint {FORM}"),
    "contradiction": (MINIO, {"minio_endpoint": "http://s3:9000", "minio_secure": True}, f"minio_endpoint {FORM}"),
    "contradiction for Tempo": (
        TEMPO,
        {"minio_endpoint": "http://s3:9000", "tempo_s3_insecure": False},
        f"minio_endpoint {FORM}",
    ),
    "none": (MINIO, {}, "Set minio_endpoint (host:port) or minio_url"),
    "none for Tempo": (TEMPO, {}, "Set tempo_s3_endpoint (or minio_endpoint) to host:port of the S3 store"),
    "no password": (
        MINIO,
        {"minio_endpoint": "s3:9000", "minio_root_password": ""},
        "Set minio_endpoint (host:port) or minio_url",
    ),
}


def play(name: str, role: str, variables: dict) -> dict:
    """A play that checks the variables as the role does, and records the outcome."""

    def remember(text: str) -> dict:
        whole = {"outcomes": "{{ outcomes | default({}) | combine({case: outcome}) }}"}
        return {"name": "Remember", "ansible.builtin.set_fact": whole, "vars": {"outcome": "{{ " + text + " }}"}}

    look = {"name": str(ROOT / "roles" / role), "tasks_from": "preflight.yml", "public": True}
    block = {
        "name": name,
        "vars": {"case": name, **GIVEN[role], **variables},
        "block": [{"name": "Look", "ansible.builtin.include_role": look}, remember(SHOWN[role])],
        "rescue": [remember("ansible_failed_result.msg")],
    }
    return {"name": name, "hosts": "localhost", "gather_facts": False, "tasks": [block]}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, str]:
    """The outcome of each case. One run for all: Ansible takes a second to start."""
    folder = tmp_path_factory.mktemp("outcomes")
    playbook, result = folder / "playbook.yml", folder / "outcomes.json"
    write = {
        "ansible.builtin.copy": {"content": "{{ outcomes | to_json }}", "dest": str(result), "mode": "0600"},
        "name": "Write",
    }
    plays = [play(name, role, variables) for name, (role, variables, _expected) in CASES.items()]
    plays.append({"name": "Write", "hosts": "localhost", "gather_facts": False, "tasks": [write]})
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    command = [
        Path(sys.executable).parent / "ansible-playbook",
        "--connection",
        "local",
        "--inventory",
        "localhost,",
        playbook,
    ]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    text = result.read_text(encoding="utf-8")
    assert "hunter2" not in text
    return json.loads(text)


@pytest.mark.parametrize("name", CASES)
def test_both_roles_take_the_same_address(name, outcomes):
    assert outcomes[name].startswith(CASES[name][2])
