# SPDX-License-Identifier: AGPL-3.0-or-later
"""After each step of the upgrade: the whole chain is of the chart that EXPECTED_CHART names."""

import os

from cluster import LOKI_UID, traefik
from servers import grafana, kubernetes, releases

CHART = os.environ["EXPECTED_CHART"]
STEPS = ["0.27.9", "1.40.0", "1.41.0", "2.26.2"]
# Port of the query frontend's Service: chart 1.41 adopted Tempo's own default in place of Loki's.
QUERY = {"0.27.9": 3100, "1.40.0": 3100, "1.41.0": 3200, "2.26.2": 3200}


def test_the_release_has_one_revision_for_each_step():
    found = sorted(releases("tracing"), key=lambda release: release["version"])
    latest = found[-1]
    assert (latest["name"], latest["info"]["status"]) == ("tempo", "deployed")
    assert latest["chart"]["metadata"]["version"] == CHART
    assert [release["chart"]["metadata"]["version"] for release in found] == STEPS[: STEPS.index(CHART) + 1]
    assert [release["info"]["status"] for release in found[:-1]] == ["superseded"] * (len(found) - 1)


def test_grafana_asks_the_port_that_this_chart_opens():
    service = kubernetes("/api/v1/namespaces/tracing/services/tempo-query-frontend")[1]
    ports = [row["port"] for row in service["spec"]["ports"]]
    assert QUERY[CHART] in ports
    host = "tempo-query-frontend.tracing.svc.cluster.local"
    assert grafana("/api/datasources/uid/tempo")[1]["url"] == f"http://{host}:{QUERY[CHART]}"


def test_a_span_leads_to_the_loki_that_somebody_else_set_up():
    assert grafana("/api/datasources/uid/tempo")[1]["jsonData"]["tracesToLogsV2"]["datasourceUid"] == LOKI_UID


def test_traefik_sends_to_a_port_that_this_chart_opens():
    service = kubernetes("/api/v1/namespaces/tracing/services/tempo-distributor")[1]
    ports = [row["port"] for row in service["spec"]["ports"]]
    targets = [argument.partition("=")[2] for argument in traefik()["args"] if "endpoint=" in argument.lower()]
    (target,) = [target for target in targets if "tempo-distributor.tracing" in target]
    assert int(target.split(":")[-1].split("/")[0]) in ports
