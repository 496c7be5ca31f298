# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nothing is linked without its licence."""

from __future__ import annotations

from pathlib import Path

import pytest
import third_party_notices


def package(root: Path, folder: str, version: str = "v1.0.0") -> dict:
    (root / folder).mkdir(parents=True, exist_ok=True)
    return {
        "Dir": str(root / folder),
        "Module": {"Path": f"example.org/{root.name}", "Version": version, "Dir": str(root)},
    }


def test_licences_are_found_from_the_package_up_to_the_module(tmp_path):
    one = package(tmp_path / "one", "deep/down")
    for name in ("LICENSE", "deep/NOTICE.txt", "deep/down/COPYING", "deep/license.go.txt", "deep/unlicensed.go"):
        (tmp_path / "one" / name).write_text(name)
    (tmp_path / "LICENSE").write_text("above the module")
    found = third_party_notices.licence_files(iter([one]))
    assert {str(file.relative_to(tmp_path / "one")) for file in found["example.org/one v1.0.0"]} == {
        "LICENSE",
        "deep/NOTICE.txt",
        "deep/down/COPYING",
        "deep/license.go.txt",
    }


def test_standard_library_and_own_packages_need_none(tmp_path):
    own = {"Dir": str(tmp_path), "Module": {"Path": "example.org/own", "Main": True}}
    assert third_party_notices.licence_files(iter([own, {"Dir": "/", "Standard": True}])) == {}


def test_equal_texts_are_printed_once(tmp_path):
    rows = [package(tmp_path / name, ".") for name in ("one", "two")]
    for name in ("one", "two"):
        (tmp_path / name / "LICENSE").write_text("do as you like\n")
    text = third_party_notices.notices(third_party_notices.licence_files(iter(rows)), "Go's licence")
    assert text.count("do as you like") == 1
    assert "example.org/one v1.0.0\nexample.org/two v1.0.0\n" in text
    assert "Go's licence" in text


def test_a_module_without_a_licence_is_an_error(tmp_path):
    row = package(tmp_path / "one", ".")
    (tmp_path / "one" / "NOTICE").write_text("a notice grants nothing")
    with pytest.raises(ValueError, match="no licence file in example.org/one v1.0.0"):
        third_party_notices.notices(third_party_notices.licence_files(iter([row])), "Go's licence")
