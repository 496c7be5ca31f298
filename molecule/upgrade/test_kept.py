# SPDX-License-Identifier: AGPL-3.0-or-later
"""After a teardown with its defaults: tracing is gone, everything with data still exists."""

import json

from cluster import BEFORE, everything, loki, play, traefik, unchanged
from servers import root, s3


def test_only_the_bucket_and_what_holds_data_is_left():
    before = json.loads(BEFORE.read_text(encoding="utf-8"))["names"]
    left = [name for name in everything() if name not in before]
    assert "bucket k3s-tempo" in left
    assert "namespaces -/tracing" in left
    others = [name for name in left if not name.startswith("persistentvolume")]
    # Kubernetes itself creates the last two in each namespace.
    assert sorted(others) == [
        "bucket k3s-tempo",
        "configmaps tracing/kube-root-ca.crt",
        "namespaces -/tracing",
        "serviceaccounts tracing/default",
    ]
    assert s3("/k3s-tempo?list-type=2", root()).startswith("200 ")


def test_the_data_source_with_the_logs_is_as_it_was():
    assert loki() == json.loads(BEFORE.read_text(encoding="utf-8"))["loki"]


def test_traefik_traces_no_more():
    assert not [argument for argument in traefik()["args"] if "tracing" in argument or "accesslog" in argument]


def test_a_second_teardown_changes_nothing():
    done = play("teardown")
    assert unchanged(done), done.stdout
