#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Print what the demo has set up, as the lab's servers report it; the addresses come from the lab's env file.

Fails when a part of it is missing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "molecule" / "default"))

import servers  # noqa: E402 # it uses no code of the collection

NAMESPACE = "tracing"
BUCKET = "k3s-tempo"


def bucket() -> str:
    """The bucket, as its server reports it."""
    status = servers.s3(f"/{BUCKET}?list-type=2", servers.root()).partition(" ")[0]
    if status != "200":
        raise LookupError(f"bucket {BUCKET}: {status}")
    return f"bucket {BUCKET} at {os.environ['LAB_MINIO_URL']}"


def release() -> str:
    """The newest revision of Tempo's release and how many of its workloads are ready."""
    found = sorted(servers.releases(NAMESPACE), key=lambda row: row["version"])[-1]
    chart, status = found["chart"]["metadata"], found["info"]["status"]
    return (
        f"{found['name']} {status}: {chart['name']} {chart['version']} (Tempo {chart['appVersion']}) "
        f"in namespace {NAMESPACE}, {ready()}"
    )


def ready() -> str:
    """How many workloads have all their replicas ready."""
    counts = [
        item["status"].get("readyReplicas", 0) == item["spec"]["replicas"]
        for kind in ("deployments", "statefulsets")
        for item in servers.kubernetes(f"/apis/apps/v1/namespaces/{NAMESPACE}/{kind}")[1]["items"]
    ]
    if not counts or not all(counts):
        raise LookupError(f"workloads in namespace {NAMESPACE}: {sum(counts)} of {len(counts)} ready")
    return f"{sum(counts)} of {len(counts)} workloads ready"


def traefik() -> str:
    """Where the running Traefik sends its spans."""
    found = servers.kubernetes("/apis/apps/v1/namespaces/kube-system/deployments/traefik")[1]
    arguments = found["spec"]["template"]["spec"]["containers"][0]["args"]
    targets = [text.partition("=")[2] for text in arguments if text.startswith("--tracing.") and "endpoint=" in text]
    if not targets:
        raise LookupError("traefik: no tracing endpoint among its arguments")
    return f"sends spans to {', '.join(targets)}"


def grafana() -> str:
    """The data sources."""
    names = sorted(f"{row['name']} ({row['url']})" for row in servers.grafana("/api/datasources")[1])
    if not names:
        raise LookupError("grafana: no data source")
    return f"data sources {', '.join(names)} at {os.environ['LAB_GRAFANA_URL']}"


def main() -> None:
    """Print a line for each part of the chain."""
    for name, part in (("MinIO", bucket), ("Tempo", release), ("Traefik", traefik), ("Grafana", grafana)):
        print(f"{name:<9}{part()}")
    print(f"{'cluster':<9}KUBECONFIG={os.environ['KUBECONFIG']}")


if __name__ == "__main__":
    main()
