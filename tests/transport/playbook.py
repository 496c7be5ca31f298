# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs plays with the ansible-playbook of this Python and reads back what happened."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sshd import Sshd

EXECUTED = re.compile(r"^<[^>]*> (SSH: )?EXEC ", re.MULTILINE)
UPLOADED = re.compile(r"^<[^>]*> PUT ", re.MULTILINE)

SYSTEM_PYTHON = "/usr/bin/python3"  # async needs a Python that every user can run; discovery may find a shim of pyenv


@dataclass(frozen=True)
class Outcome:
    """One play: exit status, everything it printed at -vvv, results of its module tasks, remote commands, uploads."""

    status: int
    output: str
    results: list[dict]
    commands: int
    uploads: int

    @property
    def result(self) -> dict:
        """The only result."""
        assert len(self.results) == 1, self.output
        return self.results[0]


class Controller:
    """An ansible-playbook with its own home, collections path and inventory."""

    def __init__(self, collections: Path, server: Sshd, cache: Path, folder: Path) -> None:
        self.home = folder / "ansible"
        self._collections = collections
        self._folder = folder
        self._variables = {
            "local": {"ansible_connection": "local"},
            "ssh": {
                "ansible_host": "127.0.0.1",
                "ansible_port": server.port,
                "ansible_ssh_private_key_file": str(server.key),
                "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
            },
        }
        self._common = {
            "picluster_tracing_cache": str(cache),
            "ansible_python_interpreter": SYSTEM_PYTHON,
        }

    def start(self, connection: str, options: dict, task: dict | None = None, **variables: object) -> subprocess.Popen:
        """Start a play of one task; variables are the host's, task holds further keys of the task."""
        host = {**self._variables[connection], **self._common, **variables}
        play = {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [{"name": "probe", "picluster.tracing.tempo_helm": options, **(task or {})}],
        }
        number = len(list(self._folder.glob("play*.yml")))
        inventory, file = self._folder / f"hosts{number}.yml", self._folder / f"play{number}.yml"
        inventory.write_text(json.dumps({"all": {"hosts": {"target": host}}}))
        file.write_text(json.dumps([play]))
        return self.start_file(file, inventory)

    def start_file(self, file: Path, inventory: Path, *arguments: str) -> subprocess.Popen:
        """Start a playbook."""
        results = file.with_suffix(".results")
        ansible = Path(sys.executable).parent / "ansible-playbook"
        process = subprocess.Popen(
            [str(ansible), "-vvv", "-i", str(inventory), *arguments, str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment(results),
        )
        process.results = results
        return process

    def finish(self, process: subprocess.Popen) -> Outcome:
        """Wait for the play."""
        try:
            output, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        lines = process.results.read_text().splitlines() if process.results.exists() else []
        return Outcome(
            status=process.returncode,
            output=output,
            results=[json.loads(line) for line in lines],
            commands=len(EXECUTED.findall(output)),
            uploads=len(UPLOADED.findall(output)),
        )

    def run(self, connection: str, options: dict, task: dict | None = None, **variables: object) -> Outcome:
        """Run a play of one task."""
        return self.finish(self.start(connection, options, task, **variables))

    def _environment(self, results: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        return {
            **kept,
            "ANSIBLE_HOME": str(self.home),
            "ANSIBLE_LOCAL_TEMP": str(self.home / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(self._collections),
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "RECORD_FILE": str(results),
        }
