# SPDX-License-Identifier: AGPL-3.0-or-later
"""What "make readme" types into an empty machine is what README says."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def readme():
    loader = importlib.machinery.SourceFileLoader("followed", str(ROOT / ".ci" / "follow_readme.py"))
    spec = importlib.util.spec_from_loader("followed", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_all_commands_are_typed_in_their_order(readme):
    assert readme.commands(README) == [
        "apt-get install -y python3-venv openssh-client",
        "python3 -m venv ansible",
        ". ansible/bin/activate",
        'pip install "ansible-core>=2.16"',
        "ansible-galaxy collection install picluster.tracing",
        "ansible-playbook picluster.tracing.site -i inventory.yml --ask-vault-pass --check --diff",
        "ansible-playbook picluster.tracing.site -i inventory.yml --ask-vault-pass",
    ]


def test_sentences_hold_the_others(readme):
    assert readme.inline(README, "ansible-vault create ") == "ansible-vault create group_vars/all/vault.yml"
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert (
        readme.inline(README, "ansible-galaxy collection install picluster-tracing-").split()[3]
        == f"picluster-tracing-{version}.tar.gz"
    )
    assert readme.inline(README, "ansible-playbook picluster.tracing.teardown").endswith(
        "-i inventory.yml --ask-vault-pass"
    )


def test_every_block_of_yaml_is_yaml(readme):
    found = [yaml.safe_load(text) for kind, text in readme.blocks(README) if kind == "yaml"]
    assert [sorted(block) for block in found] == [["collections"], ["vault"], ["k3s_cluster"]]


def test_the_labs_take_the_place_of_every_example(readme):
    lab = {name: f"the lab's {name}" for name in readme.OWN.values()}
    inventory = yaml.safe_load(readme.owned(readme.yaml_block(README, "k3s_cluster:"), lab))["k3s_cluster"]["vars"]
    assert inventory["minio_endpoint"] == "the lab's LAB_MINIO_ENDPOINT"
    assert inventory["minio_root_user"] == "the lab's LAB_MINIO_ROOT_USER"
    assert inventory["grafana_url"] == "the lab's LAB_GRAFANA_URL"
    vault = yaml.safe_load(readme.owned(readme.yaml_block(README, "vault:"), lab))["vault"]
    assert vault == {
        "minio": {"root_password": "the lab's LAB_MINIO_ROOT_PASSWORD", "tempo_key": "a-key-that-a-reader-made-up"},
        "grafana": {"admin_password": "the lab's LAB_GRAFANA_PASSWORD"},
    }


def test_every_variable_of_the_inventory_is_one_of_a_role(readme):
    known = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "roles").glob("*/*/*.yml"))
    variables = yaml.safe_load(readme.yaml_block(README, "k3s_cluster:"))["k3s_cluster"]["vars"]
    assert [
        name for name in variables if not name.startswith("ansible_") and not re.search(rf"\b{name}\b", known)
    ] == []
