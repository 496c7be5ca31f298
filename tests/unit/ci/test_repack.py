# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same content makes the same tarball, whenever and in whatever order it was packed."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

REPACK = Path(__file__).parents[3] / ".ci" / "repack.py"
CONTENT = {"README.md": b"read me\n", "roles/a/x.yml": b"a: b\n", "plugins/bin/program": b"\x7fELF"}


def tarball(path: Path, names: list[str], seconds: int) -> None:
    """Make the tarball of ansible-galaxy for files in this order, at this time."""
    listed = [{"name": ".", "ftype": "dir"}]
    listed += [
        {"name": name, "ftype": "file", "chksum_sha256": hashlib.sha256(CONTENT[name]).hexdigest()} for name in names
    ]
    files = json.dumps({"files": listed, "format": 1}).encode()
    about = {"file_manifest_file": {"name": "FILES.json", "chksum_sha256": hashlib.sha256(files).hexdigest()}}
    members = {"MANIFEST.json": json.dumps(about).encode(), "FILES.json": files} | {n: CONTENT[n] for n in names}
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo("roles")
        folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, seconds
        archive.addfile(folder)
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uname = len(data), seconds, f"user{seconds}"
            member.mode = 0o755 if name.endswith("program") else 0o644
            archive.addfile(member, io.BytesIO(data))


@pytest.fixture
def made(tmp_path) -> list[Path]:
    """Two tarballs with the same content."""
    paths = [tmp_path / "first" / "c.tar.gz", tmp_path / "second" / "other.tar.gz"]
    for path, names, seconds in zip(paths, [list(CONTENT), list(reversed(CONTENT))], [1, 2_000_000], strict=True):
        path.parent.mkdir()
        tarball(path, names, seconds)
        subprocess.run([sys.executable, REPACK, path], check=True)
    return paths


def test_they_are_the_same(made):
    first, second = (path.read_bytes() for path in made)
    assert first == second


def test_nothing_is_lost(made):
    with tarfile.open(made[0]) as archive:
        modes = {member.name: oct(member.mode) for member in archive.getmembers()}
        held = {name: archive.extractfile(name).read() for name in (*CONTENT, "FILES.json", "MANIFEST.json")}
    assert modes == {
        "MANIFEST.json": "0o644",
        "FILES.json": "0o644",
        "README.md": "0o644",
        "plugins/bin/program": "0o755",
        "roles": "0o755",
        "roles/a/x.yml": "0o644",
    }
    assert {name: held[name] for name in CONTENT} == CONTENT
    assert [row["name"] for row in json.loads(held["FILES.json"])["files"]] == [".", *sorted(CONTENT)]


def test_the_manifest_has_the_sum_of_the_list(made):
    with tarfile.open(made[0]) as archive:
        listed, about = (archive.extractfile(name).read() for name in ("FILES.json", "MANIFEST.json"))
    assert json.loads(about)["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(listed).hexdigest()
