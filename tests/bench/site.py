#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long a run of the whole site takes relative to Ansible's minimum, as ratios.

Usage: site.py COLLECTIONS PROGRAM FOLDER, with the variables of a lab's file "env".

Rows are run in turns, so that a busy moment of the machine affects all of them; a ratio is one of medians. FOLDER gets
site.json with every sample. ROUNDS and FIRST_ROUNDS say how often. PEERS names a playbook that does the same with other
collections (PEERS_COLLECTIONS says where they are), and PEERS_GONE one that removes it; both are run with the lab's
variables. What they have left on the servers is compared with what the site has left (outcome.py).
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import outcome
import plays
from halfcore import HalfCore
from runs import FORKS, ROOT, Controller, Row, reached

sys.path.insert(0, str(ROOT / "tests" / "transport"))
from sshd import Sshd

ROUNDS = int(os.environ.get("ROUNDS", "7"))
FIRST_ROUNDS = int(os.environ.get("FIRST_ROUNDS", "3"))
PEERS, PEERS_GONE = os.environ.get("PEERS", ""), os.environ.get("PEERS_GONE", "")
HOSTS = 50
SITE, TEARDOWN = "picluster.tracing.site", "picluster.tracing.teardown"
CLEAN = (
    "--extra-vars",
    "tempo_remove_namespace=true minio_remove_bucket=true minio_force_remove_bucket=true "
    "grafana_restore=false grafana_remove_loki=true",
)


class Benchmark:
    """All rows, and the ratios between them."""

    def __init__(self, collections: Path, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder
        self.control = Controller(folder, collections)
        self.rows: dict[str, Row] = {}
        self.ratios: list[dict] = []
        self.differ: list[str] | None = None

    def row(self, name: str, playbook: str | Path, inventory: Path, *arguments: str) -> Row:
        """Add a row."""
        self.rows[name] = Row(name, str(playbook), inventory, arguments)
        return self.rows[name]

    def median(self, name: str) -> float:
        """Return the median of a row's elapsed time."""
        return self.rows[name].median("wall")

    def ratio(self, title: str, value: float, bar: str, unit: str = "") -> None:
        """Add a printed value, and its target."""
        self.ratios.append({"title": title, "value": round(value, 2), "bar": bar, "unit": unit})
        print(f"{title:<70} {value:>8.2f}{unit:<4}  wanted {bar}", flush=True)

    def against(self, title: str, of: str, beside: str, bar: str) -> None:
        """Add the ratio of two rows, by elapsed and by processor time."""
        one, other = self.rows[of], self.rows[beside]
        self.ratio(title, one.median("wall") / other.median("wall"), bar)
        self.ratio("  the same in processor time of the controller", one.median("cpu") / other.median("cpu"), bar)

    def in_turns(self, rounds: int, *names: str) -> None:
        """Run rows in turns."""
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}: {', '.join(names)}", file=sys.stderr, flush=True)
            for name in names:
                self.control.measure(self.rows[name])

    def warm(self, reached: str, inventory: Path) -> plays.Tasks:
        """A site with nothing to do, compared with as many tasks that do nothing at all."""
        site = self.row(f"site-{reached}", SITE, inventory)
        self.control.run(site)
        done = plays.Tasks.read(self.control.tasks(site))
        modules, own = len(done.modules), done.controller
        self.row(f"floor-{reached}", plays.floor(self.folder, modules), inventory)
        self.row(f"controller-{reached}", plays.floor(self.folder, modules, own, "controller"), inventory)
        self.row(f"flat-{reached}", plays.flat(self.folder, done.modules), inventory)
        names = [f"{name}-{reached}" for name in ("floor", "controller", "flat", "site")]
        if PEERS:
            self.peers(self.row(f"peers-{reached}", PEERS, inventory))
            names.append(f"peers-{reached}")
        self.in_turns(ROUNDS, *names)
        floor, raw = f"floor-{reached}", f"{modules} raw tasks, {reached}"
        self.against(f"warm site / {raw}", f"site-{reached}", floor, "<= 1.3")
        self.against(f"{modules} raw and {own} controller's tasks / {raw}", f"controller-{reached}", floor, "as found")
        self.against(f"{modules} modules in a flat play / {raw}", f"flat-{reached}", floor, "as found")
        if PEERS:
            self.against(f"peers / warm site, {reached}", f"peers-{reached}", f"site-{reached}", ">= 4")
        return done

    def peers(self, row: Row) -> None:
        """Run the other collections' playbook, and compare what there is then with what the site has left."""
        self.control.run(row)
        self.differ = outcome.differences()
        print(f"the peers leave the same as the site, except for: {', '.join(self.differ) or 'nothing'}", flush=True)

    def sent(self, done: plays.Tasks) -> None:
        """What a warm run sends and receives."""
        commands, size = self.control.sent(self.rows["site-ssh"])
        modules = len(done.modules)
        self.ratio("remote commands / module task, warm", commands / modules, "1")
        self.ratio("bytes up / module task, warm", size / modules / 1000, "<= 16", " kB")
        self.ratio("largest reply of a module, warm", done.largest_reply / 1000, "<= 16", " kB")

    def slow(self, server: Sshd, inventory: Path) -> None:
        """The same over ssh where controller and host have half a processor each."""
        rows = {"floor": self.folder / "floor.yml", "flat": self.folder / "flat.yml", "site": SITE}
        if PEERS:
            rows["peers"] = PEERS
        for name, playbook in rows.items():
            self.row(f"{name}-half", playbook, inventory)
        with HalfCore("controller") as self.control.group, HalfCore("host") as host:
            host.take(server.process)
            self.in_turns(max(ROUNDS // 2, 1), *(f"{name}-half" for name in rows))
        self.control.group = None
        self.against("warm site / as many raw tasks, half a processor each", "site-half", "floor-half", "<= 1.3")
        self.against("modules in a flat play / raw tasks, half a processor each", "flat-half", "floor-half", "as found")
        if PEERS:
            self.against("peers / warm site, half a processor each", "peers-half", "site-half", ">= 4")

    def many(self, done: plays.Tasks) -> None:
        """One module on many hosts, compared with a raw task there, and with one that runs the same program.

        All hosts are this machine, which runs their programs too: the second comparison shows what the collection adds.
        """
        name = "minio_tempo_bucket"
        module = next(row for row in done.modules if row["action"].endswith(name))
        request = self.folder / "many.json"
        request.touch(mode=0o600)
        request.write_text(json.dumps({**module["args"], "_ansible_module_name": name}), encoding="utf-8")
        run = f"{shlex.quote(str(self.program.absolute()))} - <{shlex.quote(str(request))}"
        books = {
            "raw": plays.floor(self.folder, 1, name="one-raw"),
            "program": plays.floor(self.folder, 1, name="one-program", command=run),
            "module": plays.flat(self.folder, [module], "one-module"),
        }
        names = []
        for hosts in (1, HOSTS):
            inventory = self.control.inventory(f"local-{hosts}", hosts, ansible_connection="local")
            for kind, playbook in books.items():
                names.append(f"{kind}-{hosts}")
                self.row(names[-1], playbook, inventory)
        self.in_turns(max(ROUNDS // 2, 1), *names)
        grown = {kind: self.median(f"{kind}-{HOSTS}") / self.median(f"{kind}-1") for kind in books}
        title = f"{HOSTS} hosts / 1 host, {FORKS} forks, over"
        self.ratio(f"{title} that of the same program run by raw, local", grown["module"] / grown["program"], "<= 1.1")
        self.ratio(f"{title} that of an empty raw task, local", grown["module"] / grown["raw"], "as found")

    def first(self, inventory: Path) -> None:
        """A first run, including the upload of the program; Tempo's pods are waited for, Traefik's rollout is not."""
        away, rows = [Row("gone", TEARDOWN, inventory, CLEAN)], {"first-site": SITE}
        if PEERS and PEERS_GONE:
            away.append(Row("peers-gone", PEERS_GONE, inventory))
            rows["first-peers"] = PEERS
        for name, playbook in rows.items():
            self.row(name, playbook, inventory)
        for _ in range(FIRST_ROUNDS):
            for name in rows:
                for each in away:
                    self.control.run(each)
                shutil.rmtree(self.control.cache, ignore_errors=True)
                self.in_turns(1, name)
        self.ratio("first run from nothing", self.median("first-site"), "as found", " s")
        if "first-peers" in self.rows:
            self.against("first run, peers / site", "first-peers", "first-site", ">= 1.5")

    def start(self) -> None:
        """A module that needs no Helm, until it refuses its options."""
        request, report = self.folder / "request.json", self.folder / "cost.json"
        request.write_text(json.dumps({"_ansible_module_name": "minio_tempo_bucket", "none": 1}), encoding="utf-8")
        costs = []
        for _ in range(ROUNDS * 3):
            measured = [sys.executable, Path(__file__).parent / "measured.py", report, self.program, request]
            subprocess.run(measured, check=True, stdout=subprocess.DEVNULL)
            costs.append(json.loads(report.read_text(encoding="utf-8")))
        cpu = statistics.median(cost["cpu_seconds"] for cost in costs)
        peak = statistics.median(cost["peak_kib"] for cost in costs)
        self.ratio("start of a module, processor time", 1000 * cpu, "<= 12", " ms")
        self.ratio("start of a module, memory", peak / 1024, "<= 25", " MiB")

    def write(self, file: Path) -> None:
        """Keep every sample, without the lab's generated values."""
        samples = {name: {"wall": row.wall, "cpu": row.cpu} for name, row in self.rows.items()}
        kept = {
            "rounds": ROUNDS,
            "peers": bool(PEERS),
            "peers_differ": self.differ,
            "ratios": self.ratios,
            "rows": samples,
        }
        file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _second(folder: Path) -> Sshd:
    """Return a separate server without open connections."""
    place = folder / "slow"
    place.mkdir()
    return Sshd(place)


def main(collections: str, program: str, result: str) -> None:
    """Measure everything and print it."""
    if os.getuid() != 0 or not shutil.which("sshd"):
        sys.exit("the benchmark starts an sshd: run it as root, with openssh-server installed ('make prerequisites')")
    folder = Path(tempfile.mkdtemp(prefix="tracing-bench-"))
    server = Sshd(folder)
    slow = _second(folder) if HalfCore.possible() else None
    try:
        benchmark = Benchmark(Path(collections).absolute(), Path(program), folder)
        ssh = benchmark.control.inventory("ssh", **reached(server.port, server.key))
        benchmark.start()
        done = benchmark.warm("ssh", ssh)
        benchmark.sent(done)
        benchmark.warm("local", benchmark.control.inventory("local", ansible_connection="local"))
        if slow:
            benchmark.slow(slow, benchmark.control.inventory("slow", **reached(slow.port, slow.key)))
        benchmark.many(done)
        benchmark.first(benchmark.control.inventory("first", traefik_wait=False, **reached(server.port, server.key)))
        if not PEERS:
            print("peers: not measured. PEERS=PLAYBOOK does the same with other collections, where those are installed")
        benchmark.write(Path(result) / "site.json")
    finally:
        for each in filter(None, (server, slow)):
            each.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
