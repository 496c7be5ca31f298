# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the tests of the hosts use: the arm64 program that the installed collection ships."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from play import shell


@pytest.fixture(scope="session")
def shipped() -> dict:
    """The row of the arm64 program: its SHA-256 and its size in bytes."""
    path = "ansible_collections/picluster/tracing/plugins/plugin_utils/bin/programs.json"
    rows = json.loads(Path(os.environ["ANSIBLE_COLLECTIONS_PATH"], path).read_text(encoding="utf-8"))
    return next(row for row in rows if row["architecture"] == "arm64")


@pytest.fixture(scope="session")
def cached(shipped: dict) -> str:
    """Where root's program is on every host."""
    return f"/var/cache/picluster.tracing/{shipped['sha256']}/tracing-modules"


@pytest.fixture(scope="session")
def described(cached: str, shipped: dict):
    """Return a function that inspects the program and its folders on a host."""

    def look(host: str) -> tuple[str, list[str]]:
        folders = "/var/cache/picluster.tracing /var/cache/picluster.tracing/*"
        rows = shell(host, f"sudo sh -c 'stat -c \"%U %a %n\" {folders} {cached} && sha256sum <{cached}'").splitlines()
        return rows[-1].split()[0], rows[:-1]

    return look


@pytest.fixture(scope="session")
def servers() -> dict[str, str]:
    """Addresses and logins of the lab's servers."""
    lines = Path(os.environ["LAB_DIR"], "env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)
