# SPDX-License-Identifier: AGPL-3.0-or-later
"""The roles' defaults as Ansible evaluates them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from role_files import ROLES, defaults


@pytest.fixture(scope="session")
def effective(tmp_path_factory) -> dict[str, dict]:
    """The defaults of each role where the user sets nothing, as Ansible evaluates them."""
    folder = tmp_path_factory.mktemp("defaults")
    lookups = [
        {
            "name": role,
            "ansible.builtin.debug": {"msg": "{{ 'ALL ' ~ (all | to_json) }}"},
            "vars": defaults(role) | {"all": {name: "{{ " + name + " }}" for name in defaults(role)}},
        }
        for role in ROLES
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": lookups}
    (folder / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1"}
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local"]
    done = subprocess.run(
        [*command, folder / "play.json"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    said = [json.loads(text) for text in re.findall(r'"msg": ("ALL .*")', done.stdout)]
    return {role: json.loads(text.removeprefix("ALL ")) for role, text in zip(ROLES, said, strict=True)}
