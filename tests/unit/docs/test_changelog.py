# SPDX-License-Identifier: AGPL-3.0-or-later
"""The fragments make the release that galaxy.yml names, and keep what docs/policy.md promises of it."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


COMING = load(ROOT / "galaxy.yml")["version"]
SECTIONS = {path.name: set(load(path)) for path in (ROOT / "changelogs" / "fragments").glob("*.yml")}


def test_the_release_to_come_is_no_past_one():
    releases = load(ROOT / "changelogs" / "changelog.yaml")["releases"]
    assert COMING not in releases
    assert all(f"v{release}".replace(".", r"\.") in (ROOT / "CHANGELOG.md").read_text("utf-8") for release in releases)


def test_the_release_to_come_has_a_summary():
    assert [name for name, sections in SECTIONS.items() if "release_summary" in sections] == [f"{COMING}.yml"]


def test_only_a_major_release_breaks():
    breaking = {"breaking_changes", "removed_features"}
    assert COMING.endswith(".0.0") or {name for name, sections in SECTIONS.items() if sections & breaking} == set()
