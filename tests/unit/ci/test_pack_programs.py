# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is packed is what a controller unpacks, and the branches of both architectures are packed well."""

from __future__ import annotations

import lzma
import random
from pathlib import Path

import pack_programs
import pytest
from ansible import constants
from ansible_collections.picluster.tracing.plugins.plugin_utils import programs

TARGET = 0x4000


def calls_of_amd64(count: int) -> bytes:
    """Return code that calls one function from many places: E8 and the distance, with other bytes between them."""
    chance, code = random.Random(1), b""
    for _ in range(count):
        code += chance.randbytes(chance.randrange(8, 40)).replace(b"\xe8", b"\x90").replace(b"\xe9", b"\x90")
        code += b"\xe8" + (TARGET - len(code) - 5).to_bytes(4, "little", signed=True)
    return code


def calls_of_arm64(count: int) -> bytes:
    """Return the same for arm64: BL and the distance in words."""
    chance, code = random.Random(2), b""
    for _ in range(count):
        code += chance.randbytes(8)
        code += (0x94000000 | (TARGET - len(code)) // 4 & 0x03FFFFFF).to_bytes(4, "little")
    return code


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """Make the packer use little memory, and the controller keep its programs here."""
    monkeypatch.setattr(pack_programs, "WINDOW", 1 << 20)
    monkeypatch.setattr(constants.config, "get_config_value", {"ANSIBLE_HOME": str(tmp_path / "home")}.__getitem__)


def packed(tmp_path: Path, contents: dict[str, bytes]) -> Path:
    for architecture, content in contents.items():
        (tmp_path / architecture).write_bytes(content)
    pack_programs.main(tmp_path / "cache", tmp_path / "bin", 9, {name: tmp_path / name for name in contents})
    return tmp_path / "bin"


def test_each_program_comes_out_as_it_went_in(tmp_path):
    contents = {"amd64": calls_of_amd64(3000), "arm64": calls_of_arm64(3000)}
    shipped = programs.shipped(packed(tmp_path, contents))
    assert {program.architecture: programs.unpacked(program).read_bytes() for program in shipped} == contents


def test_calls_of_amd64_are_packed_as_one(tmp_path):
    code = calls_of_amd64(3000)
    plain = lzma.compress(code, preset=9)
    file = packed(tmp_path, {"amd64": code}) / "tracing-modules-linux.xz"
    assert file.stat().st_size < len(plain) - 3000


def test_a_cache_keeps_what_was_packed_in_one_way_apart_from_another(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    first = pack_programs.packed(cache, b"content", 9)
    assert pack_programs.packed(cache, b"content", 9) == first
    assert pack_programs.packed(cache, b"content", 0) != first
