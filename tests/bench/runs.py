# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs of ansible-playbook against the lab, and what each took."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from halfcore import HalfCore

ROOT = Path(__file__).parents[2]
FORKS = 25
# Counts what is sent: the command, and its standard input. One file for each remote command.
COUNTING_SSH = """#!/usr/bin/env bash
file=$(mktemp "{folder}/XXXXXXXX")
printf '%s' "${{@: -1}}" >"$file"
exec ssh "$@" < <(tee -a "$file")
"""


def lab() -> dict:
    """Return the variables of molecule/lab/inventory.yml as a user has them: written out, not looked up."""
    found = os.environ
    return {
        "tracing_kubeconfig": found["KUBECONFIG"],
        "minio_endpoint": found["LAB_MINIO_ENDPOINT"],
        "minio_url": found["LAB_MINIO_URL"],
        "minio_site_region": "eu-west-1",
        "minio_root_user": found["LAB_MINIO_ROOT_USER"],
        "minio_root_password": found["LAB_MINIO_ROOT_PASSWORD"],
        "minio_tempo_key": "a key that only this lab has",
        "tempo_chart_repo_url": found["LAB_CHARTS_URL"],
        "tempo_distributed_chart_version": "2.26.2",
        "grafana_url": found["LAB_GRAFANA_URL"],
        "grafana_loki_url": "http://loki-gateway.logging.svc.cluster.local",
        "grafana_user": found["LAB_GRAFANA_USER"],
        "prometheus_grafana_password": found["LAB_GRAFANA_PASSWORD"],
        "verify_enabled": False,  # simulated pods become ready without a container, so no trace can flow
    }


def reached(port: int, key: Path) -> dict:
    """Return the variables for reaching a host over ssh."""
    return {
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(key),
        "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
    }


@dataclass
class Row:
    """One playbook, and the seconds that each of its runs took: elapsed, and of processor time."""

    name: str
    playbook: str
    inventory: Path
    arguments: tuple[str, ...] = ()
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def median(self, of: str) -> float:
        """Return the median of wall or cpu."""
        return statistics.median(getattr(self, of))


class Controller:
    """An ansible-playbook with its own home and program cache."""

    def __init__(self, folder: Path, collections: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.group: HalfCore | None = None
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        self._environment = {
            **kept,
            "ANSIBLE_CONFIG": str(ROOT / ".ci" / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": f"{collections}:{kept.get('PEERS_COLLECTIONS', '')}".rstrip(":"),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_FORKS": str(FORKS),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback"),
        }

    def inventory(self, name: str, hosts: int = 1, **variables: object) -> Path:
        """Write an inventory of the lab with that many masters, with these variables."""
        names = [f"pi{number}" for number in range(1, hosts + 1)]
        everywhere = {**lab(), "picluster_tracing_cache": str(self.cache), **variables}
        file = self.folder / f"{name}.json"
        file.touch(mode=0o600)
        content = {"k3s_master": {"hosts": dict.fromkeys(names, {}), "vars": everywhere}}
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    def run(self, row: Row, **environment: str) -> tuple[float, float]:
        """Run a playbook; return the elapsed seconds and those of processor time. A failure ends the benchmark."""
        ansible = Path(sys.executable).parent / "ansible-playbook"
        command = [ansible, row.playbook, "--inventory", row.inventory, *row.arguments]
        if self.group:
            command = self.group.command(*command)
        log = self.folder / f"{row.name}.log"
        begin = time.monotonic()
        with log.open("w", encoding="utf-8") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**self._environment, **environment},
            )
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        took = time.monotonic() - begin
        if child.returncode != 0:
            sys.exit(f"{row.playbook} failed:\n{log.read_text(encoding='utf-8')[-4000:]}")
        return took, usage.ru_utime + usage.ru_stime

    def measure(self, row: Row) -> None:
        """Run a row once more."""
        wall, cpu = self.run(row)
        row.wall.append(round(wall, 3))
        row.cpu.append(round(cpu, 3))

    def tasks(self, row: Row) -> Path:
        """Run a row and return the file with what it did."""
        file = self.folder / f"{row.name}.tasks"
        file.unlink(missing_ok=True)
        self.run(row, ANSIBLE_CALLBACKS_ENABLED="tasks", BENCH_TASKS=str(file))
        return file

    def sent(self, row: Row) -> tuple[int, int]:
        """Run a row over ssh and return how many commands were sent, and how many bytes in all."""
        counts, wrapper = self.folder / "sent", self.folder / "ssh"
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir(mode=0o700)
        wrapper.write_text(COUNTING_SSH.format(folder=counts), encoding="utf-8")
        wrapper.chmod(0o755)
        self.run(row, ANSIBLE_SSH_EXECUTABLE=str(wrapper))
        sizes = [file.stat().st_size for file in counts.iterdir()]
        shutil.rmtree(counts)
        return len(sizes), sum(sizes)
