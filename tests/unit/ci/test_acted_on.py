# SPDX-License-Identifier: AGPL-3.0-or-later
"""A scenario's run fails where a play matches no host, unless the play says that it wants none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CALLBACKS = Path(__file__).parents[3] / "molecule" / "callback"
PLAY = '[{{"hosts": "{}", "gather_facts": false, "tasks": [{{"ansible.builtin.debug": {{"msg": "here"}}}}]}}]'


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        ("localhost", 0),
        ("all:!all", 0),
        # As playbooks/cluster.yml has it: worked out, to none.
        ("{{ 'localhost' if false else 'all:!all' }}", 0),
        # A name that is mistyped, and a group without hosts.
        ("localhsot", 1),
        ("empty", 1),
    ],
)
def test_a_play_without_hosts_fails_the_run(tmp_path, hosts, status):
    (tmp_path / "hosts").write_text("localhost ansible_connection=local\n[empty]\n", encoding="utf-8")
    (tmp_path / "play.yml").write_text(PLAY.format(hosts), encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "--inventory", "hosts", "play.yml"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS), "ANSIBLE_CALLBACKS_ENABLED": "acted_on"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert ("a play of this scenario matches no host" in done.stdout) == bool(status)
