# SPDX-License-Identifier: AGPL-3.0-or-later
"""The program cache on the managed host: what it trusts, what it replaces, what it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def cached_program(cache: Path) -> Path:
    """The only program in the cache."""
    found = list(cache.glob("*/tracing-modules"))
    assert len(found) == 1, found
    return found[0]


def truncate(program: Path) -> None:
    os.truncate(program, 1000)


def open_to_all(program: Path) -> None:
    program.chmod(0o777)


def give_away(program: Path) -> None:
    shutil.chown(program, "nobody")


def remove(program: Path) -> None:
    program.unlink()


def become_folder(program: Path) -> None:
    program.unlink()
    program.mkdir()


def become_link(program: Path) -> None:
    program.rename(program.with_name("elsewhere"))
    program.symlink_to(program.with_name("elsewhere"))


@pytest.mark.parametrize("harm", [truncate, open_to_all, give_away, remove, become_folder, become_link])
def test_a_harmed_program_is_replaced(controller, cache, harm: Callable[[Path], None]):
    assert controller.run("local", {}).status == 0
    program = cached_program(cache)
    whole = program.read_bytes()
    harm(program)

    again = controller.run("local", {})
    assert again.status == 0, again.output
    assert again.commands == 3
    assert cached_program(cache).read_bytes() == whole
    assert (program.stat().st_uid, program.stat().st_mode & 0o7777) == (0, 0o755)
    assert not program.is_symlink()
    assert controller.run("local", {}).commands == 1


def test_verify_finds_a_change_that_keeps_the_size(controller, cache):
    assert controller.run("local", {}).status == 0
    program = cached_program(cache)
    whole = program.read_bytes()
    program.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    assert controller.run("local", {}).commands == 1, "the size alone tells nothing"
    checked = controller.run("local", {}, picluster_tracing_verify="yes")
    assert (checked.status, checked.commands) == (0, 3)
    assert program.read_bytes() == whole
    assert controller.run("local", {}, picluster_tracing_verify="yes").commands == 1


def test_two_runs_at_once_fill_an_empty_cache(controller, cache):
    running = [controller.start("local", {"number": number}) for number in range(3)]
    for number, outcome in enumerate([controller.finish(process) for process in running]):
        assert outcome.status == 0, outcome.output
        assert outcome.result["options"]["number"] == number
    place = cached_program(cache).parent
    assert [file.name for file in place.iterdir()] == ["tracing-modules"]
    assert not list((controller.home / "picluster.tracing").rglob(".part.*"))


def test_the_newest_three_programs_stay(controller, cache):
    for age, letter in enumerate("abcd"):
        old = cache / (letter * 64)
        old.mkdir(parents=True)
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    (cache / "a note").write_text("not a program")
    cache.chmod(0o755)

    assert controller.run("local", {}).status == 0
    new = cached_program(cache).parent.name
    assert {entry.name for entry in cache.iterdir()} == {new, "a" * 64, "b" * 64, "a note"}


def test_a_folder_of_another_user_is_refused(controller, cache):
    cache.mkdir()
    shutil.chown(cache, "nobody")
    outcome = controller.run("local", {})
    assert outcome.status == 2
    assert f"{cache} is a link or belongs to another user" in outcome.result["msg"]
    assert "picluster_tracing_cache" in outcome.result["msg"]


def test_a_link_in_the_place_of_the_folder_is_refused(controller, cache, tmp_path):
    (tmp_path / "real").mkdir(mode=0o755)
    cache.symlink_to(tmp_path / "real")
    outcome = controller.run("local", {})
    assert outcome.status == 2
    assert f"{cache} is a link or belongs to another user" in outcome.result["msg"]
    assert not list((tmp_path / "real").iterdir())


def test_root_refuses_a_folder_that_others_can_rename(controller, cache, tmp_path):
    tmp_path.chmod(0o777)
    outcome = controller.run("local", {})
    assert outcome.status == 2
    assert f"{tmp_path} above the program cache can be changed by users other than root" in outcome.result["msg"]
    assert not list(cache.glob("*/tracing-modules"))


@pytest.mark.parametrize("folder", ["~/cache", "cache"])
def test_a_relative_folder_is_refused(controller, folder):
    outcome = controller.run("local", {}, picluster_tracing_cache=folder)
    assert outcome.status == 2
    assert f"picluster_tracing_cache: '{folder}' is not an absolute path" in outcome.result["msg"]
    assert outcome.commands == 0


@pytest.fixture
def noexec(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "noexec"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec,mode=0755", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_noexec_names_the_folder_and_the_way_out(controller, noexec):
    outcome = controller.run("local", {}, picluster_tracing_cache=str(noexec / "cache"))
    assert outcome.status == 2
    assert f"run the program from {noexec}/cache" in outcome.result["msg"]
    assert "noexec" in outcome.result["msg"]
    assert "picluster_tracing_cache" in outcome.result["msg"]


@pytest.mark.parametrize("connection", ["local", "ssh"])  # over ssh the host unpacks what arrives
def test_a_full_disk_is_named(controller, tmp_path, connection):
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "tmpfs", folder], check=True)
    try:
        outcome = controller.run(connection, {}, picluster_tracing_cache=str(folder / "cache"))
    finally:
        subprocess.run(["umount", folder], check=True)
    assert outcome.status == 2
    assert "No space left on device" in outcome.result["msg"]


def test_a_user_has_a_cache_of_its_own(controller, login):
    outcome = controller.run("ssh", {}, ansible_user=login.name, picluster_tracing_cache="")
    assert outcome.status == 0, outcome.output
    program = cached_program(login.cache)
    assert outcome.result["program"] == str(program)
    for path in (login.cache, program.parent, program):
        assert (path.stat().st_uid, path.stat().st_mode & 0o7777) == (login.uid, 0o700)


def test_a_program_that_a_user_could_write_is_not_roots(controller, login):
    """A cache that the login user filled never serves become: root."""
    variables = {"ansible_user": login.name, "picluster_tracing_cache": str(login.cache)}
    assert controller.run("ssh", {}, **variables).status == 0
    outcome = controller.run("ssh", {}, {"become": True}, **variables)
    assert outcome.status == 2
    assert "belongs to another user" in outcome.result["msg"]
