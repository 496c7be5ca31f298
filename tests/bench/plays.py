# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plays of the benchmark: the whole site, and what it is compared with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

OURS = "picluster.tracing."
PATTERN = "~^(k3s_master|server)$"


class Plain(str):
    """A text that Ansible must not treat as a template."""


yaml.SafeDumper.add_representer(Plain, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


@dataclass(frozen=True)
class Tasks:
    """What one run of the site did, as the callback saw it."""

    rows: list[dict]

    @classmethod
    def read(cls, file: Path) -> Tasks:
        """Read the callback's file."""
        return cls([json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()])

    @property
    def modules(self) -> list[dict]:
        """The tasks that ran on the managed host."""
        return [row for row in self.rows if row["action"].startswith(OURS)]

    @property
    def controller(self) -> int:
        """How many tasks ran only on the controller."""
        return len(self.rows) - len(self.modules)

    @property
    def largest_reply(self) -> int:
        """The size in bytes of the largest reply of a module."""
        return max(row["reply"] for row in self.modules)


def floor(folder: Path, tasks: int, controller: int = 0, name: str = "floor", command: str = "true") -> Path:
    """Write a play of tasks that only start a shell with a command, and of tasks that run only on the controller."""
    raw = [{"name": f"Raw {number}", "ansible.builtin.raw": command} for number in range(tasks)]
    own = [
        {"name": f"Assert {number}", "ansible.builtin.assert": {"that": True, "quiet": True}}
        for number in range(controller)
    ]
    return _write(folder / f"{name}.yml", raw + own)


def flat(folder: Path, modules: list[dict], name: str = "flat") -> Path:
    """Write a play of only the site's modules, with the arguments that the roles gave them."""
    tasks = [
        {"name": f"Task {number}", row["action"]: _plain(row["args"]), "check_mode": row["check_mode"]}
        for number, row in enumerate(modules)
    ]
    return _write(folder / f"{name}.yml", tasks)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return Plain(value)
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return value


def _write(file: Path, tasks: list[dict]) -> Path:
    play = {"name": file.stem, "hosts": PATTERN, "gather_facts": False, "tasks": tasks}
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    return file
