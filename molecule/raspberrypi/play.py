# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs Ansible on the hosts of the scenario and reports what it did there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCENARIO = Path(__file__).parent
EXECUTED = re.compile(r"^<(\w+)\.[^>]*> SSH: EXEC ", re.MULTILINE)
SENT = re.compile(r"^<(\w+)\.[^>]*> sending the (\w+) program to (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """One run: its exit status and everything it printed."""

    status: int
    output: str

    def commands(self, host: str) -> int:
        """How many remote commands ran on the host."""
        return EXECUTED.findall(self.output).count(host)

    def sent(self, host: str) -> list[tuple[str, str]]:
        """The programs that were sent to the host: architecture and folder."""
        return [(architecture, folder) for name, architecture, folder in SENT.findall(self.output) if name == host]


def run(playbook: str, *arguments: str, inventory: str = "k3s_master.yml", **variables: object) -> Outcome:
    """Run a playbook; variables win over those of the inventory."""
    command = [Path(sys.executable).parent / "ansible-playbook", "-vvv", "-i", SCENARIO / "inventory" / inventory]
    done = subprocess.run(
        [*command, *arguments, "--extra-vars", json.dumps(variables), playbook],
        cwd=SCENARIO,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return Outcome(done.returncode, done.stdout)


def ask(hosts: str, **variables: object) -> Outcome:
    """Run one task of the collection, which changes nothing, on the hosts."""
    return run("ask.yml", "--limit", hosts, **variables)


def shell(host: str, command: str, user: str = "pi", given: bytes = b"", limit: float = 60) -> str:
    """Return what a command on the host prints, without Ansible; given goes to its standard input."""
    config = Path(os.environ["LAB_DIR"], "hosts", "ssh_config")
    ssh = ["ssh", "-F", config, f"{user}@{host}.shell", command]
    return subprocess.run(ssh, check=True, input=given, stdout=subprocess.PIPE, timeout=limit).stdout.decode().strip()
