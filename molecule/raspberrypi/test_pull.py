# SPDX-License-Identifier: AGPL-3.0-or-later
"""An arm64 host without a controller: ansible-pull fetches a repository and sets up the site, on the host itself."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from play import shell

sys.path.insert(0, str(Path(__file__).parents[1] / "default"))

from servers import grafana  # noqa: E402 # of the other scenario

REPOSITORY = "/srv/tracing.git"
SECRETS = "/etc/picluster/secrets.json"
PLAYBOOK = """
- name: Set up distributed tracing
  ansible.builtin.import_playbook: picluster.tracing.site
"""


def put(path: str, folder: Path) -> None:
    """Put a folder of this machine on the host; root owns it."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(folder, arcname=".")
    shell("pi4", f"sudo sh -c 'mkdir -p {path} && tar -C {path} -x --no-same-owner'", given=archive.getvalue())


def write(path: str, content: str) -> None:
    """Write a file that only root can read."""
    shell("pi4", f"sudo sh -c 'umask 077; mkdir -p {Path(path).parent}; cat >{path}'", given=content.encode())


def repository(folder: Path, servers: dict[str, str]) -> Path:
    """A bare repository with the playbook and the inventory of a host that is its own controller."""
    work, bare = folder / "work", folder / "bare"
    work.mkdir()
    (work / "tracing.yml").write_text(PLAYBOOK, encoding="utf-8")
    variables = {
        "minio_endpoint": servers["LAB_MINIO_ENDPOINT"],
        "minio_url": servers["LAB_MINIO_URL"],
        "minio_site_region": "eu-west-1",
        "minio_root_user": servers["LAB_MINIO_ROOT_USER"],
        "tempo_chart_repo_url": servers["LAB_CHARTS_URL"],
        "grafana_url": servers["LAB_GRAFANA_URL"],
        "grafana_loki_url": "http://loki-gateway.logging.svc.cluster.local",
        "grafana_user": servers["LAB_GRAFANA_USER"],
        "verify_enabled": False,
    }
    inventory = {"k3s_master": {"hosts": {"pi4": {"ansible_connection": "local"}}, "vars": variables}}
    (work / "hosts.yml").write_text(json.dumps(inventory), encoding="utf-8")
    who = ["-c", "user.name=pi", "-c", "user.email=pi@picluster.example"]
    for command in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "--message", "The site"]):
        subprocess.run(["git", "-C", work, *command], check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", work, bare], check=True)
    return bare


@pytest.fixture(scope="module")
def pull(servers, tmp_path_factory):
    """Set up the fourth host as its owner would; return a function that pulls there."""
    put("/usr/share/ansible/collections", Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))
    put(REPOSITORY, repository(tmp_path_factory.mktemp("repository"), servers))
    write("/etc/rancher/k3s/k3s.yaml", Path(servers["KUBECONFIG"]).read_text(encoding="utf-8"))
    password = servers["LAB_MINIO_ROOT_PASSWORD"]
    secrets = {
        "minio_root_password": password,
        "minio_tempo_key": hashlib.sha256(password.encode()).hexdigest(),
        "prometheus_grafana_password": servers["LAB_GRAFANA_PASSWORD"],
    }
    write(SECRETS, json.dumps(secrets))

    def run() -> str:
        command = f"ansible-pull --url file://{REPOSITORY} --inventory hosts.yml --extra-vars @{SECRETS} tracing.yml"
        return shell("pi4", f"sudo env LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 {command} 2>&1 || true", limit=900)

    return run


def test_a_pull_sets_right_what_is_missing(pull, servers, monkeypatch, cached):
    for name in ("LAB_GRAFANA_URL", "LAB_GRAFANA_USER", "LAB_GRAFANA_PASSWORD"):
        monkeypatch.setenv(name, servers[name])
    assert grafana("/api/datasources/uid/tempo", "DELETE")[0] == 200
    output = pull()
    row = re.search(r"^pi4 +: ok=(\d+) +changed=(\d+) +unreachable=0 +failed=0 ", output, re.MULTILINE)
    assert row, output
    assert int(row[1]) > 0
    assert int(row[2]) == 1, output
    assert grafana("/api/datasources/uid/tempo")[0] == 200
    assert shell("pi4", f"uname -m; stat -c '%U %a' {cached}") == "aarch64\nroot 755"
