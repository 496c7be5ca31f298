# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody changes things by hand: the playbook drift names them and changes nothing, the site corrects them."""

from cluster import play, unchanged
from servers import grafana, kubernetes

CONFIG = "/api/v1/namespaces/tracing/configmaps/tempo-config"
WORKLOAD = "/apis/apps/v1/namespaces/tracing/deployments/tempo-distributor"
SERVICE = "/api/v1/namespaces/tracing/services/tempo-query-frontend-discovery"


def test_nothing_differs_after_a_run():
    done = play("drift")
    assert unchanged(done), done.stdout
    assert "Nothing differs" in done.stdout


def test_what_was_changed_by_hand_is_named_and_set_right():
    config = kubernetes(CONFIG)[1]["data"]
    key, text = next(iter(config.items()))
    replicas = kubernetes(WORKLOAD)[1]["spec"]["replicas"]
    for status, answer in [
        kubernetes(CONFIG, "PATCH", {"data": {key: text + "\n# by hand\n"}}),
        kubernetes(WORKLOAD, "PATCH", {"spec": {"replicas": replicas + 1}}),
        kubernetes(SERVICE, "DELETE"),
        grafana("/api/datasources/uid/tempo", "DELETE"),
    ]:
        assert status == 200, answer

    report = play("drift")
    assert report.returncode == 2, report.stdout
    for part in (
        "4 parts of the chain differ",
        "Grafana's data source with the traces (grafana)",
        "configmap/tempo-config changed",
        "deployment/tempo-distributor changed spec.replicas",
        "service/tempo-query-frontend-discovery",
    ):
        assert part in report.stdout, report.stdout
    assert kubernetes(SERVICE)[0] == 404, "the report changes nothing"
    assert kubernetes(WORKLOAD)[1]["spec"]["replicas"] == replicas + 1

    healed = play("site", "--extra-vars", "tempo_drift=correct")
    assert healed.returncode == 0, healed.stdout
    assert kubernetes(CONFIG)[1]["data"] == config
    assert kubernetes(WORKLOAD)[1]["spec"]["replicas"] == replicas
    assert kubernetes(SERVICE)[0] == 200
    assert grafana("/api/datasources/uid/tempo")[0] == 200
    after = play("drift")
    assert unchanged(after), after.stdout
