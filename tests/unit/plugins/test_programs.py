# SPDX-License-Identifier: AGPL-3.0-or-later
"""The programs that the collection ships, and the controller's cache of them."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pytest
from ansible import constants
from ansible.errors import AnsibleError
from ansible_collections.picluster.tracing.plugins.plugin_utils import programs

CONTENT = b"the program"
SHA256 = "50fda23bf0a5115d4f893dc10d122c10a4705f47688f5620e80611c092d4053e"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "program.xz").write_bytes(lzma.compress(b"another one" + CONTENT + b"and one more"))
    row = {"architecture": "arm64", "file": "program.xz", "offset": 11, "sha256": SHA256, "size": len(CONTENT)}
    (tmp_path / "programs.json").write_text(json.dumps([row]))
    return tmp_path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(constants.config, "get_config_value", {"ANSIBLE_HOME": str(tmp_path / "home")}.__getitem__)
    return tmp_path / "home"


def test_shipped(folder):
    (program,) = programs.shipped(folder)
    assert (program.architecture, program.sha256, program.size) == ("arm64", SHA256, 11)
    assert program.packed == folder / "program.xz"
    assert program.machines == ("Linux aarch64", "Linux arm64")


def test_a_collection_without_programs_says_what_to_do(tmp_path):
    with pytest.raises(AnsibleError, match="has no programs.json; .* install it from Galaxy, or run 'make collection'"):
        programs.shipped(tmp_path)


def test_unpacked_once(folder, home):
    (program,) = programs.shipped(folder)
    path = programs.unpacked(program)
    assert path.read_bytes() == CONTENT
    assert path.parent == home / "picluster.tracing"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o700, 0o700)
    program.packed.unlink()
    assert programs.unpacked(program) == path, "the packed file is not needed again"


@pytest.mark.parametrize("harm", [b"the prog", b"the progrAm"], ids=["truncated", "altered"])
def test_a_harmed_program_is_unpacked_again(folder, harm):
    (program,) = programs.shipped(folder)
    path = programs.unpacked(program)
    path.write_bytes(harm)
    assert programs.unpacked(program).read_bytes() == CONTENT


def test_compressed_once(folder, home):
    (program,) = programs.shipped(folder)
    assert gzip.decompress(programs.compressed(program)) == CONTENT
    (kept,) = (home / "picluster.tracing" / "gzip").iterdir()
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    program.packed.unlink()
    assert gzip.decompress(programs.compressed(program)) == CONTENT, "the packed file is not needed again"


@pytest.mark.parametrize("at", [0, 40], ids=["its checksum", "its content"])
def test_a_harmed_compressed_program_is_made_again(folder, home, at):
    (program,) = programs.shipped(folder)
    programs.compressed(program)
    (kept,) = (home / "picluster.tracing" / "gzip").iterdir()
    harmed = bytearray(kept.read_bytes())
    harmed[at] ^= 1
    kept.write_bytes(harmed)
    assert gzip.decompress(programs.compressed(program)) == CONTENT


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        pytest.param(lzma.compress(b"something else than the program"), "SHA-256 is not 50fda23b", id="other content"),
        pytest.param(lzma.compress(b"x" * 11 + CONTENT)[:-44], "install the collection again", id="truncated"),
        pytest.param(b"no xz", "install the collection again", id="no xz"),
    ],
)
def test_a_broken_file_of_the_collection_is_named(folder, home, packed, message):
    (folder / "program.xz").write_bytes(packed)
    (program,) = programs.shipped(folder)
    with pytest.raises(AnsibleError, match=message) as caught:
        programs.unpacked(program)
    assert str(folder / "program.xz") in str(caught.value)
    assert not list((home / "picluster.tracing").iterdir())
