# SPDX-License-Identifier: AGPL-3.0-or-later
"""After the role grafana also removed the data source for logs: only what others made is left."""

import json

from cluster import BEFORE, LOKI_UID, everything
from servers import grafana

before = json.loads(BEFORE.read_text(encoding="utf-8"))["names"]


def test_the_data_source_with_the_logs_is_gone():
    assert grafana(f"/api/datasources/uid/{LOKI_UID}")[0] == 404


def test_nothing_else_is():
    assert everything() == [name for name in before if name != "data source Loki"]
