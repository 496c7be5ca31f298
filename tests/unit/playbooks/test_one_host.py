# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every playbook works on one host of three, whatever strategy the user's configuration names."""

from __future__ import annotations

import copy
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


def play(place: Path, playbook: str, *arguments: str, strategy: str = "linear", away: str = "") -> tuple[int, str]:
    """Run a playbook while some hosts are away; return its exit status and its output."""
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
        place / (f"without-{away}.yml" if away else "inventory.yml"),
    ]
    if away:
        command[-1].write_text(yaml.safe_dump(without(away.split("-"))), encoding="utf-8")
    command += ["-e", '{"emojivoto_enabled": true, "emojivoto_host": "emojivoto.example"}', *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=place)
    return done.returncode, done.stdout + done.stderr


def without(away: list[str]) -> dict:
    """Return the inventory in which some hosts cannot be reached: nothing listens at port 1 of this machine."""
    inventory = copy.deepcopy(INVENTORY)
    for host in away:
        inventory["server"]["hosts"][host] = {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": 1,
        }
    return inventory


def placed(said: str) -> list[tuple[str, str]]:
    """Return which role ran on which host, in order."""
    return re.findall(r'"msg": "(\w+) is on (\w+)"', said)


def run(place: Path, playbook: str, *arguments: str, strategy: str = "linear", away: str = "") -> list[tuple[str, str]]:
    """Run a playbook that succeeds; return which role ran on which host."""
    code, said = play(place, playbook, *arguments, strategy=strategy, away=away)
    assert code == 0, said
    assert "changed=0" in said
    assert not re.search(r"changed=[1-9]", said)
    return placed(said)


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
    assert run(place, playbook, strategy=strategy) == [(role, "srv1") for role in roles]


@pytest.mark.parametrize(
    ("playbook", "strategy", "roles"),
    [
        ("site", "free", [*EVERY_ROLE, "verify"]),
        ("drift", "linear", EVERY_ROLE),
        ("verify", "linear", ["verify"]),
        ("teardown", "linear", ["emojivoto", "grafana", "linkerd", "traefik", "tempo", "minio"]),
    ],
)
def test_the_next_server_does_where_the_first_is_away(place, playbook, strategy, roles):
    assert run(place, playbook, strategy=strategy, away="srv1") == [(role, "srv2") for role in roles]


def test_the_last_server_does_where_all_others_are_away(place):
    assert run(place, "verify", away="srv1-srv2") == [("verify", "srv3")]


def test_a_server_that_is_not_asked_for_may_be_away(place):
    assert run(place, "verify", "--limit", "srv3", away="srv1-srv2") == [("verify", "srv3")]
    assert run(place, "verify", "-e", "tracing_hosts=srv1,srv3", away="srv1-srv2") == [("verify", "srv3")]


def test_where_no_server_is_there_the_run_says_so(place):
    code, said = play(place, "verify", away="srv1-srv2-srv3")
    assert code != 0
    assert "UNREACHABLE" in said
    assert "No host of srv1, srv2, srv3 can be reached: the errors above say why" in said
    assert placed(said) == []


def test_a_part_alone_runs_on_the_server_that_is_there(place):
    assert run(place, "site", "--tags", "tempo", away="srv1") == [("tempo", "srv2")]


def test_a_run_that_starts_at_a_task_takes_the_first_server(place):
    roles = ["grafana", "emojivoto", "verify"]
    assert run(place, "site", "--start-at-task", "Say where grafana is") == [(role, "srv1") for role in roles]


def test_a_single_server_is_not_asked_first(place):
    code, said = play(place, "verify", "--limit", "srv2")
    assert code == 0
    assert re.search(r"skipping: \[srv2\]", said.split("Check which of several hosts")[1].split("TASK")[0])


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_each_play_names_its_strategy(path):
    plays = [play for play in yaml.safe_load(path.read_text(encoding="utf-8")) if "hosts" in play]
    assert plays
    assert {play.get("strategy") for play in plays} == {"ansible.builtin.linear"}
