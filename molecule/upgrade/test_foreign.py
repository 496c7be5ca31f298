# SPDX-License-Identifier: AGPL-3.0-or-later
"""After the scenario for foreign clusters: nothing of it is left."""

import json

from cluster import BEFORE, everything, loki, traefik

before = json.loads(BEFORE.read_text(encoding="utf-8"))


def test_there_is_what_was_there_before():
    assert everything() == before["names"]


def test_the_data_source_with_the_logs_is_as_it_was():
    assert loki() == before["loki"]


def test_traefik_is_as_it_was():
    assert traefik()["args"] == before["traefik"]
