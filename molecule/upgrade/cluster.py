# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is in the cluster, in the store and in Grafana, read without the collection's own code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from servers import grafana, kubernetes, root, s3

BEFORE = Path(os.environ["LAB_DIR"]) / "before.json"
REPOSITORY = Path(__file__).parents[2]

# The uid that Grafana gave a data source that somebody else set up: the collection has to find it.
LOKI_UID = "P8E80F9AEF21F6940"

# What the cluster derives from other objects, or creates over time.
DERIVED = {"controllerrevisions", "endpoints", "endpointslices", "events", "leases", "pods", "replicasets"}


def everything() -> list[str]:
    """Return the names of all that exists, except what belongs to Traefik's own release, whose chart changes."""
    names = [f"{resource} {name}" for resource, name in _objects()]
    names += [f"bucket {name}" for name in re.findall(r"<Name>([^<]+)</Name>", s3("/", root()))]
    names += [f"data source {row['name']}" for row in grafana("/api/datasources")[1]]
    return sorted(names)


def _objects() -> Iterator[tuple[str, str]]:
    for path, resource in _resources():
        for item in kubernetes(f"{path}/{resource}")[1]["items"]:
            meta = item["metadata"]
            if meta.get("annotations", {}).get("meta.helm.sh/release-name") == "traefik":
                continue
            if resource == "secrets" and meta["name"].startswith("sh.helm.release.v1.traefik."):
                continue
            yield resource, f"{meta.get('namespace', '-')}/{meta['name']}"


def _resources() -> Iterator[tuple[str, str]]:
    groups = kubernetes("/apis")[1]["groups"]
    for path in ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)]:
        for row in kubernetes(path)[1]["resources"]:
            if "list" in row["verbs"] and row["name"] not in DERIVED:
                yield path, row["name"]


def loki() -> dict:
    """Return Grafana's data source for logs, which belongs to somebody else, without its version."""
    status, found = grafana(f"/api/datasources/uid/{LOKI_UID}")
    assert status == 200, found
    return {key: value for key, value in found.items() if key != "version"}


def traefik() -> dict:
    """Return the container of the Traefik that runs."""
    found = kubernetes("/apis/apps/v1/namespaces/kube-system/deployments/traefik")[1]
    return found["spec"]["template"]["spec"]["containers"][0]


def until(what: str, holds: Callable[[], bool], seconds: int = 120) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.5)


def play(name: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run a playbook of the collection on the lab; all that it prints is in stdout."""
    inventory = REPOSITORY / "molecule" / "lab" / "inventory.yml"
    program = Path(sys.executable).parent / "ansible-playbook"
    return subprocess.run(
        [program, f"picluster.tracing.{name}", "--inventory", inventory, *arguments],
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def unchanged(done: subprocess.CompletedProcess) -> bool:
    """Say whether a run did something on the lab's host, changed nothing and failed nowhere."""
    rows = re.findall(r"^pi1 +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", done.stdout, re.MULTILINE)
    return done.returncode == 0 and len(rows) == 1 and int(rows[0][0]) > 0 and rows[0][1:] == ("0", "0", "0")
