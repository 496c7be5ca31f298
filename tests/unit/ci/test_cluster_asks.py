# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Molecule scenario "cluster" touches nothing before the user names what it may change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLUSTER = Path(__file__).parents[3] / "molecule" / "cluster"
INVENTORY = CLUSTER.parent / "lab" / "inventory.yml"

PLAY = f"""
- hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [{CLUSTER}/vars/names.yml]
  tasks:
    - ansible.builtin.include_tasks: {CLUSTER}/tasks/ask.yml
    - ansible.builtin.debug:
        msg: "It may change {{{{ cluster_may | join(' and ') }}}}, and names its own things {{{{ tempo_namespace }}}}"
"""


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        pytest.param({}, "MOLECULE_INVENTORY names the cluster", id="no inventory"),
        pytest.param(
            {"MOLECULE_INVENTORY": "pis/inventory.yml"}, "there is no pis/inventory.yml", id="not the whole path"
        ),
        pytest.param({"MOLECULE_INVENTORY": INVENTORY}, "Say with MOLECULE_MAY_CHANGE what else", id="no words"),
        pytest.param(
            {"MOLECULE_INVENTORY": INVENTORY, "MOLECULE_MAY_CHANGE": "linkerd"},
            ": linkerd was given",
            id="another word",
        ),
    ],
)
def test_it_refuses(tmp_path, said, answer):
    done = play(tmp_path, said)
    assert done.returncode == 2
    assert answer in done.stdout


def test_it_goes_on(tmp_path):
    said = {"MOLECULE_INVENTORY": INVENTORY, "MOLECULE_MAY_CHANGE": "Traefik, Loki", "MOLECULE_NAME": "mine"}
    done = play(tmp_path, said)
    assert done.returncode == 0, done.stdout
    assert "It may change traefik and loki, and names its own things mine" in done.stdout


def play(folder: Path, said: dict) -> subprocess.CompletedProcess:
    """Run the scenario's first tasks; all output is in stdout."""
    (folder / "play.yml").write_text(PLAY, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MOLECULE_", "ANSIBLE_"))}
    # Nothing is written there in this test.
    environment |= {"MOLECULE_PROJECT_DIRECTORY": str(folder), "ANSIBLE_NOCOLOR": "1"}
    program = Path(sys.executable).parent / "ansible-playbook"
    return subprocess.run(
        [program, folder / "play.yml"],
        env=environment | {name: str(value) for name, value in said.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
