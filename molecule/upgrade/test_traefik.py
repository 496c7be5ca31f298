# SPDX-License-Identifier: AGPL-3.0-or-later
"""k3s upgrades its Traefik from v2 to v3; the next run of the site moves the settings to their new form."""

import os

from cluster import play, traefik, until
from servers import kubernetes

CHART = "/apis/helm.cattle.io/v1/namespaces/kube-system/helmcharts/traefik"
DEPLOYMENT = "/apis/apps/v1/namespaces/kube-system/deployments/traefik"


def arguments(word: str) -> list[str]:
    return [argument for argument in traefik()["args"] if argument.startswith(f"--{word}")]


def upgraded() -> bool:
    found = kubernetes(DEPLOYMENT)[1]
    status, wanted = found.get("status", {}), found["spec"]["replicas"]
    settled = status.get("observedGeneration") == found["metadata"]["generation"]
    return settled and status.get("updatedReplicas") == wanted == status.get("readyReplicas") and _is_v3(found)


def _is_v3(deployment: dict) -> bool:
    return ":3." in str(deployment["spec"]["template"]).replace(":v3.", ":3.")


def test_the_settings_move_with_traefik():
    assert arguments("tracing.zipkin"), "Traefik v2 sends Zipkin"
    assert not arguments("tracing.otlp")

    chart = f"{os.environ['LAB_CHARTS_URL']}/traefik-39.0.701+up39.0.7.tgz"
    status, answer = kubernetes(CHART, "PATCH", {"spec": {"chart": chart}})
    assert status == 200, answer
    until("Traefik v3 is ready", upgraded)

    done = play("site")
    assert done.returncode == 0, done.stdout
    assert not arguments("tracing.zipkin")
    assert arguments("tracing.otlp.http.endpoint") == [
        "--tracing.otlp.http.endpoint=http://tempo-distributor.tracing.svc.cluster.local:4318/v1/traces"
    ]
    assert {"name": "OTEL_PROPAGATORS", "value": "tracecontext,baggage,b3multi"} in traefik()["env"]
