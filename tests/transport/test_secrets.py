# SPDX-License-Identifier: AGPL-3.0-or-later
"""No secret on the managed host's disk, in a process list, or in the output at -vvv."""

from __future__ import annotations

import shutil
from pathlib import Path

import ansible
import pytest

CANARY = "S3CRET-CANARY-7f3a"
MASKED = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
SECRETS_API = tuple(int(part) for part in ansible.__version__.split(".")[:2]) >= (2, 22)


@pytest.mark.parametrize(
    "options",
    [{"password": CANARY}, {"pass_word": CANARY}, {"servers": [{"token": CANARY}]}],
    ids=["option", "alias", "suboption"],
)
def test_a_program_that_dies_does_not_show_them(controller, options):
    outcome = controller.run("local", {**options, "behave": "die"})
    assert outcome.status == 2
    assert "exit status 3" in outcome.result["msg"]
    assert "panic: the request was" in outcome.result["module_stderr"]
    assert MASKED in outcome.result["module_stderr"] or SECRETS_API
    assert CANARY not in outcome.output


def test_nothing_is_written_on_a_warm_host(controller, login):
    """The user's home is not writable for it, and Ansible's temporary folder would be there."""
    variables = {"ansible_user": login.name, "picluster_tracing_cache": ""}
    assert controller.run("ssh", {}, **variables).status == 0
    before = tree(login.home)
    shutil.chown(login.home, "root", "root")
    login.cache.parent.chmod(0o500)
    try:
        outcome = controller.run("ssh", {"password": CANARY, "behave": "die"}, **variables)
        assert tree(login.home) == before
    finally:
        shutil.chown(login.home, login.name, login.name)
        login.cache.parent.chmod(0o700)
    assert "exit status 3" in outcome.result["msg"], outcome.output
    assert (outcome.commands, outcome.uploads) == (1, 0)
    assert not any(CANARY in line for line in outcome.output.splitlines() if "EXEC" in line)


def tree(folder: Path) -> dict[str, int]:
    """Every file below the folder with its modification time in nanoseconds."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_vaulted_values_and_dates_arrive_as_text(vaulted):
    outcome = vaulted({})
    assert outcome.status == 0, outcome.output
    assert outcome.result["options"]["when"] == "2022-11-19"
    # ansible-core 2.22 masks a vaulted value wherever it is shown; the program received it all the same.
    assert outcome.result["options"]["chart"] == "vaulted words" or SECRETS_API
    assert outcome.result["characters"] == len("vaulted words")
