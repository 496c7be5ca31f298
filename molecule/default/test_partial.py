# SPDX-License-Identifier: AGPL-3.0-or-later
"""A part of the site keeps what the whole site set up: neither has anything left to do."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from servers import grafana, kubernetes

HERE = Path(__file__).parent
INVENTORIES = [HERE.parent / "lab" / "inventory.yml", HERE / "inventory" / "emojivoto.yml"]
PLAIN = {"ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"}  # Molecule enables colours
RECAP = re.compile(r"^pi1 +: ok=(\d+) +changed=(\d+) +unreachable=0 +failed=0 ", re.MULTILINE)


def site(*arguments: str, playbook: str = "site") -> int:
    """Run the playbook and return how many tasks changed something."""
    command = [Path(sys.executable).parent / "ansible-playbook", f"picluster.tracing.{playbook}"]
    for inventory in INVENTORIES:
        command += ["-i", inventory]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, env=os.environ | PLAIN, timeout=600
    )
    recap = RECAP.search(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert recap, done.stdout + done.stderr
    return int(recap[2])


@pytest.mark.parametrize("tag", ["minio", "tempo", "linkerd", "traefik", "grafana", "emojivoto"])
def test_a_tag_alone(tag):
    assert site("--tags", tag) == 0


def test_a_check_of_a_tag_alone():
    assert site("--tags", "grafana", "--check") == 0


STARTS = [
    "Remember where Tempo is reached, for the roles that follow",
    "Set up tracing and the access log of Traefik",
    "Set up the data source with the traces",
    "Set up the link from the logs to the traces",
    "Install the test application",
]


@pytest.mark.parametrize("task", STARTS)
def test_from_a_task_on(task):
    assert site("--start-at-task", task) == 0


def test_a_tag_alone_where_the_uids_are_not_the_names():
    for name in ("Tempo", "Loki"):
        assert grafana(f"/api/datasources/name/{name}", "DELETE")[0] == 200
        kind = {
            "name": name,
            "uid": f"MADE{name}",
            "type": name.lower(),
            "access": "proxy",
            "url": f"http://{name.lower()}",
        }
        assert grafana("/api/datasources", "POST", kind)[0] == 200
    assert site() > 0
    assert site("--tags", "grafana") == 0
    assert site("--start-at-task", "Set up the link from the logs to the traces") == 0
    assert site() == 0


def derived_fields() -> list:
    return grafana("/api/datasources/name/Loki")[1]["jsonData"]["derivedFields"]


@pytest.fixture
def second_tempo() -> Iterator[None]:
    second = ["-e", "tempo_namespace=second", "-e", "tempo_wait=false"]
    assert site("--tags", "tempo", *second) > 0
    yield
    assert site("--tags", "tempo", *second, "-e", "tempo_remove_namespace=true", playbook="teardown") > 0


@pytest.mark.usefixtures("second_tempo")
def test_two_tempos():
    before = derived_fields()
    for _again in range(2):
        assert site("--tags", "grafana") == 0
        assert site("--tags", "traefik") == 0
        assert site() == 0
    assert derived_fields() == before


def test_an_application_that_was_applied_by_hand():
    assert site("-e", "emojivoto_state=absent", "-e", "emojivoto_namespace=by-hand", "--tags", "emojivoto") == 0
    web = yaml.safe_load((HERE / "manifests" / "emojivoto_by_hand.yml").read_text(encoding="utf-8"))
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "by-hand"}}
    assert kubernetes("/api/v1/namespaces?fieldManager=kubectl-create", "POST", namespace)[0] == 201
    deployments = "/apis/apps/v1/namespaces/by-hand/deployments"
    assert kubernetes(deployments + "?fieldManager=kubectl-client-side-apply", "POST", web)[0] == 201
    containers = [{**web["spec"]["template"]["spec"]["containers"][0]}]
    containers[0]["env"] = [
        *containers[0]["env"],
        {"name": "OC_AGENT_HOST", "value": "tempo-distributor.tracing:55678"},
    ]
    by_set = {"spec": {"template": {"spec": {"containers": containers}}}}
    assert kubernetes(deployments + "/web?fieldManager=kubectl-set", "PATCH", by_set)[0] == 200

    arguments = ["--tags", "emojivoto", "-e", "emojivoto_namespace=by-hand", "-e", "emojivoto_wait=false"]
    assert site(*arguments) == 1
    assert site(*arguments) == 0
    found = kubernetes(deployments + "/web")[1]["spec"]["template"]["spec"]["containers"][0]
    assert found["image"] == "ghcr.io/buoyantio/emojivoto-web:v11"
    assert {"name": "OC_AGENT_HOST", "value": "opencensus-bridge.by-hand:55678"} in found["env"]
    assert site(*arguments, "-e", "emojivoto_state=absent") == 1
