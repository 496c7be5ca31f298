# SPDX-License-Identifier: AGPL-3.0-or-later
"""README is followed literally: its files are written as it shows them, and its commands run on them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "roles").glob("*/*.md")])
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SHELL = [line for kind, text in BLOCKS if kind == "" and "│" not in text for line in text.splitlines() if line]

# In place of each module, because there is neither a store nor a cluster.
STAND_IN = """
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        return result | {"changed": False, "endpoints": {}, "service_account": "tempo", "uid": "x"}
"""


def block(word: str) -> str:
    """Return the block of YAML that begins with the word."""
    (found,) = [text for kind, text in BLOCKS if kind == "yaml" and text.startswith(word)]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """An empty machine with the collection, and with the files that README says to write."""
    top = tmp_path_factory.mktemp("readme")
    collection = top / "collections" / "ansible_collections" / "picluster" / "tracing"
    (collection / "plugins" / "action").mkdir(parents=True)
    for name in ("roles", "playbooks", "meta", "galaxy.yml", "plugins/modules"):
        (collection / name).symlink_to(ROOT / name)
    for path in (ROOT / "plugins" / "action").glob("*.py"):
        (collection / "plugins" / "action" / path.name).write_text(STAND_IN, encoding="utf-8")
    (top / "inventory.yml").write_text(block("k3s_cluster:"), encoding="utf-8")
    (top / "group_vars" / "all").mkdir(parents=True)
    (top / "group_vars" / "all" / "vault.yml").write_text(block("vault:"), encoding="utf-8")
    (top / "password").write_text("secret")
    run(top, "ansible-vault encrypt group_vars/all/vault.yml --vault-password-file password")
    return top


def run(folder: Path, command: str) -> str:
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"), "ANSIBLE_NOCOLOR": "1"}
    program, *arguments = shlex.split(command)
    reply = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert reply.returncode == 0, reply.stdout + reply.stderr
    return reply.stdout


@pytest.mark.parametrize("command", [line for line in SHELL if line.startswith("ansible-playbook")])
def test_the_files_of_readme_are_enough_for_its_commands(command, folder):
    """The roles refuse a run without a variable that only the user can know."""
    here = "--vault-password-file password -e ansible_connection=local -e ansible_become=false -e verify_enabled=false"
    output = run(folder, command.replace("--ask-vault-pass", here))
    recap = re.search(r"^node1 .*ok=(\d+).*changed=0.*failed=0", output, re.MULTILINE)
    assert recap, output
    assert int(recap[1]) >= 8, "all roles ran"


def test_there_is_something_to_try():
    assert len([line for line in SHELL if line.startswith("ansible-playbook")]) >= 2
    assert block("collections:")


def test_every_command_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert set(re.findall(r"`?make ([a-z-]+)", README)) <= targets
    assert set(re.findall(r"picluster\.tracing\.(site|drift|teardown|verify)\b", README)) <= playbooks


def test_every_tag_is_there():
    (sentence,) = re.findall(r"The tags are ([^.;]+);?", README)
    site = (ROOT / "playbooks" / "site.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"`(\w+)`", sentence)) == set(re.findall(r"tags: \[(\w+)\]", site))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """On Galaxy only absolute URLs work: README has no others."""
    text = page.read_text(encoding="utf-8")
    own = re.findall(r"picluster/tracing/(?:blob/)?main/([\w./-]+)", text)
    assert [path for path in own if not (ROOT / path).exists()] == []
    beside = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in beside if not (page.parent / link).exists()] == []
    if page == ROOT / "README.md":
        assert beside == []
