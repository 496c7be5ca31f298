# SPDX-License-Identifier: AGPL-3.0-or-later
"""The chain as seen from outside: requests through Traefik, traces in Tempo, pods; no code of the collection.

Usage: chain.py store|send|kill-ingester|healthy|find ID|find-anywhere ID
"""

from __future__ import annotations

import base64
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "default"))

from servers import kubernetes, remove  # noqa: E402 # of the other scenario

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY = "/api/v1/namespaces/tracing/services/tempo-query-frontend:3100/proxy"
EVERY_SERVICE = {"traefik", "frontend", "backend"}
NAMESPACES = ("kube-system", "shop", "logging", "tracing")

Found = TypeVar("Found")


def await_that(what: str, look: Callable[[], Found], limit: float = 240) -> Found:
    """Look until something exists; a server that is unavailable is asked again."""
    deadline = time.monotonic() + limit
    trouble: object = "nothing yet"
    while time.monotonic() < deadline:
        try:
            found = look()
            if found:
                return found
        except (OSError, ValueError, KeyError) as error:
            trouble = error
        time.sleep(0.5)
    raise TimeoutError(f"{what}: not within {limit} s: {trouble}")


def request(path: str = "/") -> str:
    """Send a request through Traefik's entry point; return the trace ID that the application received."""
    asked = urllib.request.Request(
        os.environ["LAB_INGRESS_URL"] + path, headers={"Host": os.environ["LAB_INGRESS_HOST"]}
    )
    with urllib.request.urlopen(asked, timeout=20) as reply:
        frontend, backend = reply.read().decode().splitlines()
    name, trace = frontend.split()
    if name != "frontend" or backend != f"backend {trace}":
        raise ValueError(f"not one trace through both services: {frontend!r} {backend!r}")
    return trace


def spans(trace: str, where: str = "all") -> list[dict]:
    """The spans of a trace, each with its service; where is all, or blocks for only the object store."""
    status, found = kubernetes(f"{QUERY}/api/traces/{trace}?mode={where}")
    if status != 200:
        return []
    flat = []
    for batch in found["batches"]:
        attributes = {row["key"]: row["value"].get("stringValue") for row in batch["resource"]["attributes"]}
        for scope in batch["instrumentationLibrarySpans"]:
            flat += [{"service": attributes["service.name"], **span} for span in scope["spans"]]
    return flat


def complete(trace: str, where: str = "all") -> list[dict]:
    """The spans of a trace once every service is among them, else none."""
    found = spans(trace, where)
    return found if {span["service"] for span in found} == EVERY_SERVICE else []


def hexadecimal(text: str) -> str:
    """An ID of Tempo's JSON (base64) in the form of headers."""
    return base64.b64decode(text).hex()


def pods() -> list[dict]:
    """The pods of the chain, without those that have completed."""
    items = [pod for name in NAMESPACES for pod in kubernetes(f"/api/v1/namespaces/{name}/pods")[1]["items"]]
    return [pod for pod in items if pod["status"]["phase"] != "Succeeded"]


def well() -> bool:
    """Whether every workload has all its pods, ready and up to date, and both nodes are ready."""
    for name in NAMESPACES:
        for kind in ("deployments", "statefulsets"):
            for item in kubernetes(f"/apis/apps/v1/namespaces/{name}/{kind}")[1]["items"]:
                status, wanted = item["status"], item["spec"]["replicas"]
                if status.get("observedGeneration") != item["metadata"]["generation"]:
                    return False
                if status.get("readyReplicas", 0) != wanted or status.get("updatedReplicas", wanted) != wanted:
                    return False
    return all(ready(thing) for thing in [*pods(), *kubernetes("/api/v1/nodes")[1]["items"]])


def ready(thing: dict) -> bool:
    """Whether a pod or node is ready, and not being deleted."""
    conditions = {row["type"]: row["status"] for row in thing["status"].get("conditions", [])}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in thing["metadata"]


def kill_ingester() -> None:
    """Remove the ingester's pod and all that it holds, and wait for the next one."""
    path = "/api/v1/namespaces/tracing/pods/tempo-ingester-0"
    before = kubernetes(path)[1]["metadata"]["uid"]
    remove(path)
    await_that("another ingester", lambda: kubernetes(path)[1]["metadata"]["uid"] != before)


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    match arguments:
        case ["send"]:
            print(await_that("an answer", request))
        case ["store"]:
            trace = await_that("an answer", request)
            await_that(f"trace {trace} in the store", lambda: complete(trace, "blocks"))
            print(trace)
        case ["find", trace]:
            await_that(f"trace {trace} in the store", lambda: complete(trace, "blocks"))
        case ["find-anywhere", trace]:
            await_that(f"trace {trace}", lambda: complete(trace))
        case ["kill-ingester"]:
            kill_ingester()
        case ["healthy"]:
            await_that("a cluster that is well", well)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
