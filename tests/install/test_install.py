# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tarball as users get it: it installs into an empty path and works from there."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ["grafana_datasource", "minio_tempo_bucket", "tempo_helm", "traefik_tracing"]
MACHINES = {"amd64": 62, "arm64": 183}  # e_machine of EM_X86_64 and EM_AARCH64


@pytest.fixture(scope="session")
def tarball() -> Path:
    """The tarball that COLLECTION_TARBALL names."""
    return (ROOT / os.environ["COLLECTION_TARBALL"]).resolve()


@pytest.fixture(scope="session")
def installed(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collections path that the tarball was installed into."""
    path = tmp_path_factory.mktemp("empty")
    ansible(path, "ansible-galaxy", "collection", "install", "--offline", "-p", str(path), str(tarball))
    return path


def ansible(collections: Path, name: str, *arguments: str, status: int = 0) -> str:
    """Run an Ansible command of this Python that sees only this collections path."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    environment |= {
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_HOME": str(collections / "home"),
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [str(Path(sys.executable).parent / name), *arguments]
    reply = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=collections)
    assert reply.returncode == status, reply.stdout + reply.stderr
    return reply.stdout + reply.stderr


def place(collections: Path) -> Path:
    return collections / "ansible_collections" / "picluster" / "tracing"


def test_galaxy_would_take_its_size(tarball):
    assert 1_000_000 < tarball.stat().st_size <= 20_000_000


def test_it_holds_what_runs_and_nothing_else(tarball):
    with tarfile.open(tarball) as archive:
        names = set(archive.getnames())
    top = {name.partition("/")[0] for name in names}
    assert top - {"docs"} == {
        "CHANGELOG.md",
        "FILES.json",
        "LICENSE",
        "LICENSES",
        "MANIFEST.json",
        "README.md",
        "changelogs",
        "meta",
        "playbooks",
        "plugins",
        "roles",
    }
    assert {f"plugins/plugin_utils/bin/{name}" for name in ("THIRD_PARTY_NOTICES.txt", "sbom.spdx.json")} <= names
    assert not [name for name in names if name.endswith((".pyc", ".go"))]


def test_the_programs_are_what_the_list_says(installed):
    folder = place(installed) / "plugins" / "plugin_utils" / "bin"
    rows = {row["architecture"]: row for row in json.loads((folder / "programs.json").read_text())}
    assert rows.keys() == MACHINES.keys()
    for architecture, machine in MACHINES.items():
        content = unpacked(place(installed), architecture)
        assert hashlib.sha256(content).hexdigest() == rows[architecture]["sha256"]
        assert len(content) == rows[architecture]["size"]
        assert content[:5] == b"\x7fELF\x02", "64 bits"
        assert struct.unpack_from("<H", content, 18)[0] == machine
        assert needs_no_loader(content)


def unpacked(collection: Path, architecture: str) -> bytes:
    """Unpack a program with the installed plugin's own code, in a Python that sees only this collection."""
    code = (
        "import sys; from ansible_collections.picluster.tracing.plugins.plugin_utils import programs; "
        f"program = next(row for row in programs.shipped() if row.architecture == {architecture!r}); "
        "sys.stdout.buffer.write(programs.unpacked(program).read_bytes())"
    )
    home = collection.parents[2]
    environment = {**os.environ, "PYTHONPATH": str(home), "ANSIBLE_HOME": str(home / "home")}
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment).stdout


def needs_no_loader(elf: bytes) -> bool:
    """Say whether the program is static: it has no program header PT_INTERP."""
    offset = struct.unpack_from("<Q", elf, 32)[0]
    size, count = struct.unpack_from("<HH", elf, 54)
    return all(struct.unpack_from("<I", elf, offset + number * size)[0] != 3 for number in range(count))


def test_ansible_doc_knows_the_modules(installed):
    listed = json.loads(ansible(installed, "ansible-doc", "--list", "--json", "picluster.tracing"))
    assert set(listed) >= {f"picluster.tracing.{name}" for name in MODULES}
    for name in MODULES:
        assert "EXAMPLES:" in ansible(installed, "ansible-doc", "-t", "module", f"picluster.tracing.{name}")


@pytest.mark.parametrize("module", MODULES)
def test_the_program_runs_and_names_an_unknown_option(installed, module):
    """Nothing is contacted: the program refuses the invalid request."""
    cache = f"picluster_tracing_cache={installed}/cache"
    output = ansible(
        installed,
        "ansible",
        *["localhost", "-c", "local", "-e", cache, "-m", f"picluster.tracing.{module}", "-a", "no_such_option=1"],
        status=2,
    )
    assert "unknown option no_such_option" in output


def test_the_site_is_a_playbook(installed, tmp_path):
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("k3s_master: {hosts: {pi1: {ansible_connection: local}}}\n")
    ansible(installed, "ansible-playbook", "--syntax-check", "-i", str(inventory), "picluster.tracing.site")


def test_galaxy_verifies_it(installed):
    path = ["-p", str(installed)]
    output = ansible(installed, "ansible-galaxy", "collection", "verify", "--offline", *path, "picluster.tracing")
    assert "MANIFEST.json" in output or "Successfully verified" in output
