# SPDX-License-Identifier: AGPL-3.0-or-later
"""Before the first run: what exists is recorded, and nothing of tracing is in it."""

import json

from cluster import BEFORE, LOKI_UID, everything, loki, traefik
from servers import grafana

LOKI = {
    "name": "Loki",
    "uid": LOKI_UID,
    "type": "loki",
    "access": "proxy",
    "url": "http://loki-gateway.logging.svc.cluster.local",
    "jsonData": {
        "maxLines": 500,
        "derivedFields": [
            {"name": "Order", "matcherRegex": "order=(\\w+)", "url": "https://shop.example/${__value.raw}"}
        ],
    },
}


def test_remember_what_is_there():
    status, answer = grafana("/api/datasources", "POST", LOKI)
    assert status == 200, answer
    there = everything()
    assert "nodes -/pi1" in there
    assert "helmcharts kube-system/traefik" in there
    assert "data source Loki" in there
    assert not [name for name in there if "tempo" in name or "tracing" in name]
    container = traefik()
    assert ":2." in container["image"] or ":v2." in container["image"]
    assert not [argument for argument in container["args"] if "tracing" in argument or "accesslog" in argument]
    BEFORE.write_text(json.dumps({"names": there, "loki": loki(), "traefik": container["args"]}), encoding="utf-8")
