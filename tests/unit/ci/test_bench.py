# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plays that the benchmark compares the site with, what both leave behind, and its picture."""

from __future__ import annotations

import base64
import importlib
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def beside(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "bench"))
    yield
    for name in ("outcome", "plays", "plot", "runs", "halfcore", "servers"):
        sys.modules.pop(name, None)


ROWS = [
    {"action": "ansible.builtin.assert", "args": {"that": True}, "check_mode": False, "reply": 9000},
    {
        "action": "picluster.tracing.tempo_helm",
        "args": {"a": "{{ b }}", "c": ["{{ d }}", 1]},
        "check_mode": False,
        "reply": 70,
    },
    {"action": "picluster.tracing.trace_probe", "args": {}, "check_mode": True, "reply": 30},
]


class Loader(yaml.SafeLoader):
    """Reads the value behind Ansible's tag."""


Loader.add_constructor("!unsafe", lambda loader, node: ("unsafe", loader.construct_scalar(node)))


def read(file: Path) -> dict:
    (play,) = yaml.load(file.read_text(encoding="utf-8"), Loader)
    return play


def test_what_a_run_did(tmp_path):
    file = tmp_path / "tasks"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    done = importlib.import_module("plays").Tasks.read(file)
    assert [row["action"] for row in done.modules] == ["picluster.tracing.tempo_helm", "picluster.tracing.trace_probe"]
    assert (done.controller, done.largest_reply) == (1, 70)


def test_a_flat_play_templates_nothing_and_nobody_else_reads_it(tmp_path):
    file = importlib.import_module("plays").flat(tmp_path, ROWS[1:])
    assert file.stat().st_mode & 0o077 == 0
    first, second = read(file)["tasks"]
    assert first["picluster.tracing.tempo_helm"] == {"a": ("unsafe", "{{ b }}"), "c": [("unsafe", "{{ d }}"), 1]}
    assert (first["check_mode"], second["check_mode"]) == (False, True)


def test_the_floor_has_as_many_tasks(tmp_path):
    tasks = read(importlib.import_module("plays").floor(tmp_path, 3, controller=2))["tasks"]
    assert [sorted(set(task) - {"name"}) for task in tasks] == [["ansible.builtin.raw"]] * 3 + [
        ["ansible.builtin.assert"]
    ] * 2


def test_the_picture_shows_what_was_measured():
    plot = importlib.import_module("plot")
    rows = {"floor-ssh": {"wall": [1, 2, 9]}, "site-ssh": {"wall": [3, 3, 4]}, "first-site": {"wall": [50]}}
    assert [(row, value) for row, _, value in plot.bars(rows)] == [("floor-ssh", 1), ("site-ssh", 1.5)]
    texts = [
        found.text for found in ElementTree.fromstring(plot.picture({"rounds": 3, "rows": rows})).iter() if found.text
    ]
    assert "1.50" in texts
    assert any("medians of 3" in text for text in texts)


def kept(ending: str, **other: object) -> dict:
    """What a side has left, by path: with a Deployment, the configuration and the login."""
    labels = {"namespace": f"tracing{ending}"}
    template = {"metadata": {"labels": labels, "annotations": other.get("notes", {})}, "spec": {"image": "tempo"}}
    login = {"AWS_ACCESS_KEY_ID": f"tempo{ending}", "AWS_SECRET_ACCESS_KEY": "a key"}
    place = f"namespaces/tracing{ending}"
    ready = {"readyReplicas": other.get("ready", 1)}
    return {
        f"/apis/apps/v1/{place}/deployments": [
            {"metadata": {"name": "tempo-querier"}, "spec": {"template": template, "replicas": 1}, "status": ready}
        ],
        f"/apis/apps/v1/{place}/statefulsets": [],
        f"/api/v1/{place}/configmaps": [
            {"metadata": {"name": "tempo-config"}, "data": {"tempo.yaml": f"bucket: k3s-tempo{ending}"}}
        ],
        f"/api/v1/{place}/secrets/tempo-s3-credentials": {
            name: base64.b64encode(value.encode()).decode() for name, value in login.items()
        },
    }


def source(name: str, uid: str, settings: dict) -> dict:
    return {"name": name, "uid": uid, "type": "tempo", "access": "proxy", "url": "http://tempo", "jsonData": settings}


def differences(monkeypatch, theirs: dict, sources: list[dict]) -> list[str]:
    outcome = importlib.import_module("outcome")
    paths = {**kept(""), **kept("-peers", **theirs)}
    chart = {"metadata": {"name": "tempo-distributed", "version": "2.26.2"}}
    release = {"version": 1, "name": "tempo", "info": {"status": "deployed"}, "chart": chart}
    monkeypatch.setattr(
        outcome.servers,
        "kubernetes",
        lambda path: (200, {"data" if "/secrets/" in path else "items": paths[path]}),
    )
    monkeypatch.setattr(outcome.servers, "releases", lambda _namespace: [release])
    monkeypatch.setattr(outcome.servers, "s3", lambda *_request: "200 ")
    monkeypatch.setattr(outcome.servers, "grafana", lambda _path: (200, sources))
    return outcome.differences()


def test_the_same_in_other_names_does_not_differ(monkeypatch):
    sources = [
        source("Tempo", "tempo", {"link": "loki", "picluster_settings": {"made": True}}),
        source("Tempo of the peers", "tempo-peers", {"link": "loki-peers", "tlsAuth": False}),
    ]
    notes = {"checksum/config": "of the text with the names"}
    assert differences(monkeypatch, {"notes": notes}, sources) == []


def test_what_differs_is_named(monkeypatch):
    sources = [source("Tempo", "tempo", {"link": "loki"}), source("Tempo of the peers", "tempo-peers", {})]
    assert differences(monkeypatch, {"ready": 0}, sources) == ["data source Tempo", "deployments tempo-querier"]
