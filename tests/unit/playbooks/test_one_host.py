# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every playbook works on one host of three, whatever strategy the user's configuration names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
INVENTORY = {"server": {"hosts": {"srv1": None, "srv2": None, "srv3": None}, "vars": {"ansible_connection": "local"}}}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """The playbooks with roles that only say where they are."""
    top = tmp_path_factory.mktemp("hosts")
    collection = top / "ansible_collections" / "picluster" / "tracing"
    shutil.copytree(ROOT / "playbooks", collection / "playbooks")
    for role in ROLES:
        tasks = [
            {
                "name": f"Say where {role} is",
                "ansible.builtin.debug": {"msg": f"{role} is on {{{{ inventory_hostname }}}}"},
                "register": f"__{role}_result",  # as the role's own task does, for the playbook drift
            }
        ]
        (collection / "roles" / role / "tasks").mkdir(parents=True)
        (collection / "roles" / role / "tasks" / "main.yml").write_text(yaml.safe_dump(tasks), encoding="utf-8")
    (top / "inventory.yml").write_text(yaml.safe_dump(INVENTORY), encoding="utf-8")
    return top


def run(place: Path, playbook: str, strategy: str) -> list[tuple[str, str]]:
    """Run a playbook; return which role was on which host, in this order."""
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(place),
        "ANSIBLE_STRATEGY": strategy,
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    command = [
        Path(sys.executable).parent / "ansible-playbook",
        f"picluster.tracing.{playbook}",
        "-i",
        place / "inventory.yml",
    ]
    command += ["-e", '{"emojivoto_enabled": true, "emojivoto_host": "emojivoto.example"}']
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    return re.findall(r'"msg": "(\w+) is on (\w+)"', done.stdout)


EVERY_ROLE = ["minio", "tempo", "linkerd", "traefik", "grafana", "emojivoto"]


@pytest.mark.parametrize(
    ("playbook", "strategy", "roles"),
    [
        ("site", "free", [*EVERY_ROLE, "verify"]),
        ("site", "ansible.builtin.host_pinned", [*EVERY_ROLE, "verify"]),
        ("drift", "free", EVERY_ROLE),
        ("verify", "free", ["verify"]),
        ("teardown", "free", ["emojivoto", "grafana", "linkerd", "traefik", "tempo", "minio"]),
    ],
)
def test_each_role_runs_once_on_the_first_host(place, playbook, strategy, roles):
    assert run(place, playbook, strategy) == [(role, "srv1") for role in roles]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_each_play_names_its_strategy(path):
    plays = [play for play in yaml.safe_load(path.read_text(encoding="utf-8")) if "hosts" in play]
    assert plays
    assert {play.get("strategy") for play in plays} == {"ansible.builtin.linear"}
