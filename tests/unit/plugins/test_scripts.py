# SPDX-License-Identifier: AGPL-3.0-or-later
"""The shell scripts of the managed host, tested without a play."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[3] / "plugins" / "plugin_utils" / "sh"


def run(script: str, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
    command = ["/bin/sh", SCRIPTS / script, *arguments]
    reply = subprocess.run(command, input=stdin, check=True, capture_output=True, env={**os.environ, **environment})
    return reply.stdout.decode()


@pytest.fixture
def machine(tmp_path: Path):
    """Replaces uname and id."""

    def pretend(uname: str, user: str = "0") -> str:
        for name, text in (("uname", uname), ("id", user)):
            (tmp_path / name).write_text(f"#!/bin/sh\necho '{text}'\n")
            (tmp_path / name).chmod(0o755)
        return f"{tmp_path}:{os.environ['PATH']}"

    return pretend


ROWS = ["Linux x86_64:aaa:10", "Linux aarch64:bbb:20", "Linux arm64:bbb:20"]


@pytest.mark.parametrize(
    ("uname", "answer"),
    [
        ("Linux x86_64", "need aaa gzip /c"),
        ("Linux aarch64", "need bbb gzip /c"),
        ("Linux arm64", "need bbb gzip /c"),
        ("Linux armv7l", "unsupported Linux armv7l"),
        ("Darwin arm64", "unsupported Darwin arm64"),
        ("Linux", "unsupported Linux"),
    ],
)
def test_the_program_is_chosen_by_what_uname_says(machine, uname, answer):
    found = run("run.sh", "/c", "no", "end", *ROWS, stdin=b"end\n{}\n", PATH=machine(uname))
    assert found == f"picluster.tracing: {answer}\n"


@pytest.mark.parametrize(
    ("user", "folder"),
    [("0", "/var/cache/picluster.tracing"), ("1000", "/home/pi/.cache/picluster.tracing")],
)
def test_root_and_others_have_usual_caches(machine, user, folder):
    found = run("run.sh", "", "no", "end", *ROWS, PATH=machine("Linux x86_64", user), HOME="/home/pi")
    assert found == f"picluster.tracing: need aaa gzip {folder}\n"


def test_the_request_is_read_to_its_end_before_an_answer(machine):
    """A megabyte is more than a pipe holds: the writer would fail if nobody read it."""
    found = run("run.sh", "/c", "no", "end", *ROWS, stdin=b"x" * 1_000_000, PATH=machine("Linux x86_64"))
    assert found == "picluster.tracing: need aaa gzip /c\n"


DIES = b"#!/bin/sh\nkill -SEGV $$\n"
REFUSES = b"#!/bin/sh\nexit 1; ........\n"


@pytest.mark.parametrize(
    ("content", "damaged", "status", "answer"),
    [
        pytest.param(DIES, True, 0, "need {sha256} gzip {folder}", id="it is damaged, and dies"),
        pytest.param(
            b"\x7fELF" + bytes(20), True, 0, "need {sha256} gzip {folder}", id="it is damaged, and cannot start"
        ),
        pytest.param(DIES, False, 128 + 11, None, id="it is whole, and dies of something else"),
        pytest.param(b"\x7fELF" + bytes(20), False, 0, "blocked {folder}", id="it is whole, and cannot start"),
        pytest.param(REFUSES, True, 1, None, id="it has a result, which is not repeated"),
    ],
)
def test_a_program_that_breaks_off_is_compared_with_its_checksum(tmp_path, machine, content, damaged, status, answer):
    sent = content[:-1] + b"?" if damaged else content
    sha256, user = hashlib.sha256(sent).hexdigest(), os.getuid()
    program = tmp_path / "cache" / sha256 / "tracing-modules"
    program.parent.mkdir(parents=True)
    program.write_bytes(content)
    for path in (program.parent.parent, program.parent, program):
        path.chmod(0o700 if user else 0o755)
    row = f"Linux x86_64:{sha256}:{len(content)}"
    command = ["/bin/sh", SCRIPTS / "run.sh", tmp_path / "cache", "no", "end", row]
    environment = {**os.environ, "PATH": machine("Linux x86_64", str(user))}
    settings = b"".join(b"export %b='of the task'\n" % name for name in (b"program", b"sha256", b"folder", b"status"))
    reply = subprocess.run(command, input=settings + b"end\n{}\n", check=False, capture_output=True, env=environment)
    expected = answer and answer.format(sha256=sha256, folder=tmp_path / "cache")
    assert reply.stdout.decode() == (f"picluster.tracing: {expected}\n" if expected else "")
    assert reply.returncode == status


def test_a_host_without_gzip_gets_the_program_as_it_is(tmp_path, machine):
    for name in ("cat", "stat"):
        (tmp_path / name).symlink_to(shutil.which(name))
    machine("Linux x86_64")
    found = run("run.sh", "/c", "no", "end", *ROWS, PATH=str(tmp_path))
    assert found == "picluster.tracing: need aaa plain /c\n"


@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_the_program_arrives(tmp_path, form):
    program = b"#!/bin/sh\necho runs\n"
    sent = gzip.compress(program) if form == "gzip" else program
    sha256 = hashlib.sha256(program).hexdigest()
    answer = run("install.sh", str(tmp_path / "cache"), sha256, str(len(program)), "3", form, stdin=sent)
    assert answer == "picluster.tracing: installed\n"
    assert (tmp_path / "cache" / sha256 / "tracing-modules").read_bytes() == program


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(gzip.compress(b"program" * 99)[:-9], id="truncated"),
        pytest.param(b"x" * 1_000_000, id="no gzip, and more than a pipe holds"),
    ],
)
def test_gzip_that_is_none_is_refused(tmp_path, sent):
    found = run("install.sh", str(tmp_path / "cache"), "0" * 64, "9", "3", "gzip", stdin=sent)
    assert found.startswith(f"picluster.tracing: failed cannot write to {tmp_path}/cache/{'0' * 64}:  gzip: "), found
    assert found.count("\n") == 1
    assert [path.name for path in (tmp_path / "cache").rglob("*")] == ["0" * 64]


def test_a_program_that_arrives_altered_is_not_kept(tmp_path):
    found = run("install.sh", str(tmp_path / "cache"), "0" * 64, "9", "3", "plain", stdin=b"truncated")
    assert found.startswith("picluster.tracing: failed the program arrived with SHA-256 ")
    assert [path.name for path in (tmp_path / "cache").rglob("*")] == ["0" * 64]


def test_the_cache_is_not_behind_a_strangers_link(tmp_path):
    """Whoever can replace the link can replace the program between its check and its start."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "real").mkdir()
    (tmp_path / "open" / "link").symlink_to(tmp_path / "real")
    found = run("install.sh", str(tmp_path / "open" / "link" / "cache"), "0" * 64, "9", "3", "plain", stdin=b"program")
    assert found.startswith(f"picluster.tracing: failed {tmp_path}/open above the program cache can be changed by ")
    assert not list((tmp_path / "real").iterdir())


@pytest.mark.parametrize(
    ("mode", "open_to_others"),
    [(0o755, False), (0o775, False), (0o777, True), (0o1777, False)],
    ids=oct,
)
def test_no_user_has_a_cache_in_a_folder_of_everybody(machine, tmp_path, mode, open_to_others):
    place = tmp_path / "place"
    place.mkdir()
    place.chmod(mode)
    me = str(place.stat().st_uid)
    found = run(
        "install.sh", str(place / "cache"), "0" * 64, "9", "3", "plain", stdin=b"x", PATH=machine("Linux x86_64", me)
    )
    refused = f"{place} above the program cache can be changed by" in found
    assert refused == (open_to_others or (me == "0" and mode == 0o775))
    assert (place / "cache").exists() != refused
