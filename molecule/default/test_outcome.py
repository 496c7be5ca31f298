# SPDX-License-Identifier: AGPL-3.0-or-later
"""After the site ran: each link of the chain exists, checked without the collection's own code."""

import base64
import hashlib
import os

import pytest
from servers import grafana, kubernetes, releases, root, s3

TEMPO_KEY = hashlib.sha256(os.environ["LAB_MINIO_ROOT_PASSWORD"].encode()).hexdigest()
TEMPO = "tempo:" + TEMPO_KEY


def test_the_bucket_is_there_and_private():
    assert s3("/k3s-tempo?list-type=2", root()).startswith("200 ")
    anonymous = s3("/k3s-tempo?list-type=2", "nobody:wrong-password-0")
    assert anonymous.startswith("403 ")


def test_the_tempo_user_may_do_what_tempo_does_and_no_more(tmp_path):
    block = tmp_path / "block"
    block.write_text("a block", encoding="utf-8")
    assert s3("/k3s-tempo/probe", TEMPO, "--upload-file", str(block)).startswith("200 ")
    assert s3("/k3s-tempo/probe", TEMPO) == "200 a block"
    assert s3("/k3s-tempo/probe", TEMPO, "--request", "DELETE").startswith("204 ")
    assert s3("/another-bucket", TEMPO, "--request", "PUT").startswith("403 ")


def test_the_release_is_deployed_once():
    found = releases("tracing")
    assert [(release["name"], release["info"]["status"], release["version"]) for release in found] == [
        ("tempo", "deployed", 1)
    ]
    assert found[0]["chart"]["metadata"]["name"] == "tempo-distributed"
    assert found[0]["chart"]["metadata"]["version"] == "2.26.2"


def test_no_secret_stands_in_the_release_or_in_a_config_map():
    assert TEMPO_KEY not in str(releases("tracing"))
    assert TEMPO_KEY not in str(kubernetes("/api/v1/namespaces/tracing/configmaps")[1])


def test_every_component_gets_the_credentials_from_the_secret():
    workloads = [
        item
        for kind in ("deployments", "statefulsets")
        for item in kubernetes(f"/apis/apps/v1/namespaces/tracing/{kind}")[1]["items"]
        if item["metadata"]["labels"].get("app.kubernetes.io/component") != "memcached"
    ]
    assert sorted(item["metadata"]["name"] for item in workloads) == [
        "tempo-compactor",
        "tempo-distributor",
        "tempo-ingester",
        "tempo-metrics-generator",
        "tempo-querier",
        "tempo-query-frontend",
    ]
    for item in workloads:
        container = item["spec"]["template"]["spec"]["containers"][0]
        name = container["envFrom"][0]["secretRef"]["name"]
        data = kubernetes(f"/api/v1/namespaces/tracing/secrets/{name}")[1]["data"]
        assert base64.b64decode(data["AWS_SECRET_ACCESS_KEY"]).decode() == TEMPO_KEY


@pytest.mark.parametrize(
    ("service", "port"),
    [
        ("tempo-distributor", 4317),
        ("tempo-distributor", 4318),
        ("tempo-distributor", 9411),
        ("tempo-distributor", 6831),
        ("tempo-distributor", 14268),
        ("tempo-query-frontend", 3200),
    ],
)
def test_the_receivers_and_the_query_port_are_open(service, port):
    found = kubernetes(f"/api/v1/namespaces/tracing/services/{service}")[1]
    assert port in [entry["port"] for entry in found["spec"]["ports"]]


def test_traefik_really_got_the_settings():
    found = kubernetes("/apis/apps/v1/namespaces/kube-system/deployments/traefik")[1]
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert any(argument.startswith("--tracing.otlp") for argument in container["args"])
    assert "--accesslog=true" in container["args"]
    assert {"name": "OTEL_PROPAGATORS", "value": "tracecontext,baggage,b3multi"} in container["env"]


def test_traefiks_config_never_uninstalls_it():
    path = "/apis/helm.cattle.io/v1/namespaces/kube-system/helmchartconfigs/traefik"
    assert kubernetes(path)[1]["spec"]["failurePolicy"] == "abort"


def test_grafana_has_tempo():
    status, found = grafana("/api/datasources/uid/tempo")
    assert (status, found["type"], found["url"]) == (
        200,
        "tempo",
        "http://tempo-query-frontend.tracing.svc.cluster.local:3200",
    )


def test_grafanas_loki_links_to_tempo():
    status, found = grafana("/api/datasources/uid/loki")
    assert (status, found["type"]) == (200, "loki")
    field = found["jsonData"]["derivedFields"][0]
    assert (field["datasourceUid"], field["url"]) == ("tempo", "${__value.raw}")


@pytest.mark.parametrize("name", ["emoji", "voting", "web"])
def test_emojivoto_runs_and_sends_its_spans_to_the_bridge(name):
    found = kubernetes(f"/apis/apps/v1/namespaces/emojivoto/deployments/{name}")[1]
    assert found["status"]["availableReplicas"] == 1
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "OC_AGENT_HOST", "value": "opencensus-bridge.emojivoto:55678"} in container["env"]


def test_the_bridge_sends_them_on_to_tempo():
    found = kubernetes("/api/v1/namespaces/emojivoto/configmaps/opencensus-bridge")[1]
    assert "endpoint: tempo-distributor.tracing.svc.cluster.local:4317\n" in found["data"]["config.yaml"]


def test_traefik_has_a_route_to_emojivoto():
    found = kubernetes("/apis/networking.k8s.io/v1/namespaces/emojivoto/ingresses/emojivoto")[1]
    assert [rule["host"] for rule in found["spec"]["rules"]] == ["emojivoto.picluster.example"]
