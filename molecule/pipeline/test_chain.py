# SPDX-License-Identifier: AGPL-3.0-or-later
"""On real pods: one trace ID in the access log, in Tempo and in the application's spans, and its block in the store."""

import json
import urllib.parse

import chain
import pytest
from servers import kubernetes, log_of, root, s3


@pytest.fixture(scope="module", autouse=True)
def _well():
    """No pod is terminating any more: one that ends slowly would be mistaken for one of the chain."""
    chain.await_that("a cluster that is well", chain.well)


@pytest.fixture(scope="module")
def trace(_well):
    """A request whose trace is complete."""
    found = chain.await_that("an answer", lambda: chain.request("/independent/look"))
    chain.await_that(f"trace {found}", lambda: chain.complete(found))
    return found


def test_every_pod_is_a_container_that_runs():
    names = set()
    for pod in chain.pods():
        assert pod["spec"]["nodeName"] == "pi1", pod["metadata"]["name"]
        for container in pod["status"]["containerStatuses"]:
            assert container["containerID"].startswith("containerd://")
            assert "running" in container["state"]
            names.add(container["name"])
    tempo = {"distributor", "ingester", "querier", "query-frontend", "compactor"}
    assert tempo | {"traefik", "frontend", "backend", "loki", "shipper"} <= names


def test_tempo_is_that_of_the_seed_procedure():
    images = {
        container["image"]
        for pod in kubernetes("/api/v1/namespaces/tracing/pods")[1]["items"]
        for container in pod["spec"]["containers"]
    }
    assert "docker.io/grafana/tempo:1.5.0" in images


def test_images_were_pulled_under_the_names_that_charts_have():
    pulled = {
        event["message"].split('"')[1]
        for namespace in ("kube-system", "logging", "tracing")
        for event in kubernetes(f"/api/v1/namespaces/{namespace}/events")[1]["items"]
        if event["reason"] == "Pulled" and event["message"].startswith("Successfully pulled")
    }
    assert {"rancher/mirrored-library-traefik:v3.7.13", "docker.io/grafana/loki:3.7.8"} <= pulled
    assert "docker.io/grafana/tempo:1.5.0" in pulled


def test_the_spans_hang_together(trace):
    spans = chain.spans(trace)
    assert {chain.hexadecimal(span["traceId"]) for span in spans} == {trace}
    ids = {span["spanId"] for span in spans}
    roots = [span for span in spans if span.get("parentSpanId", "") not in ids]
    assert [span["service"] for span in roots] == ["traefik"]


def test_the_access_log_has_the_id(trace):
    (pod,) = [pod for pod in chain.pods() if pod["metadata"]["name"].startswith("traefik-")]
    written = chain.await_that(
        "the line", lambda: [line for line in log_of(pod) if line.startswith("{") and trace in line]
    )
    lines = [json.loads(line) for line in written]
    assert [line["RequestPath"] for line in lines] == ["/independent/look"]
    assert lines[0]["TraceId"] == trace


def test_the_line_reaches_loki_itself(trace):
    loki = "/api/v1/namespaces/logging/services/loki-gateway:80/proxy/loki/api/v1"
    assert kubernetes(f"{loki}/status/buildinfo")[1]["version"] == "3.7.8"
    query = urllib.parse.urlencode({"query": f'{{app="traefik"}} |= "{trace}"'})
    found = chain.await_that("the line", lambda: kubernetes(f"{loki}/query_range?{query}")[1]["data"]["result"])
    assert [stream["stream"]["namespace"] for stream in found] == ["kube-system"]


def test_the_trace_reaches_the_store(trace):
    chain.await_that("the trace in the store", lambda: chain.complete(trace, "blocks"))
    listed = s3("/k3s-tempo?list-type=2", root())
    assert listed.startswith("200 ")
    assert "/meta.json" in listed
