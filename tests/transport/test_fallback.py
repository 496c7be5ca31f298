# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tasks that need the fallback: async, and become methods without standard input."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import pytest

ASYNC = {"async": 60, "poll": 1}
CANARY = "S3CRET-CANARY-env"


class Watch:
    """Repeatedly searches the command lines of all processes for a word."""

    def __init__(self, word: str) -> None:
        self.seen: list[str] = []
        self.rounds = 0
        self._word = word.encode()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            self.rounds += 1
            for line in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    command = line.read_bytes()
                    if self._word in command:
                        self.seen.append(command.decode(errors="replace"))


def executed(output: str) -> list[str]:
    """The commands in the output of -vvv that contain the word."""
    return [line for line in output.splitlines() if CANARY in line and "EXEC" in line]


@pytest.mark.parametrize("connection", ["local", "ssh"])
def test_async_runs_as_an_ordinary_binary_module(controller, connection):
    outcome = controller.run(connection, {"chart": "tempo"}, ASYNC)
    assert outcome.status == 0, outcome.output
    result = outcome.results[-1]
    assert result["options"] == {"chart": "tempo"}
    assert result["internal"]["module_name"] == "picluster.tracing.tempo_helm"
    assert result["argv"][1].endswith("/args")


def test_async_leaves_nothing_behind(controller, login):
    variables = {"ansible_user": login.name, "picluster_tracing_cache": ""}
    outcome = controller.run("ssh", {"password": "S3CRET-CANARY-async"}, ASYNC, **variables)
    assert outcome.status == 0, outcome.output
    # async_wrapper checks every 5 s whether the module has ended, and then removes the folder.
    deadline = time.monotonic() + 60
    while list((login.home / ".ansible" / "tmp").iterdir()):
        assert time.monotonic() < deadline, "the folder with the arguments is still there"
        time.sleep(0.2)


def test_async_failure_is_a_failure(controller):
    outcome = controller.run("local", {"behave": "fail"}, ASYNC)
    assert outcome.status == 2
    assert outcome.results[-1]["msg"] == "asked to fail"


def test_su_runs_as_an_ordinary_binary_module(controller, service):
    become = {"ansible_become": True, "ansible_become_method": "su", "ansible_become_user": service.name}
    outcome = controller.run("local", {"chart": "tempo"}, {"environment": {"PROBE_SETTING": "set"}}, **become)
    assert outcome.status == 0, outcome.output
    assert outcome.result["uid"] == service.uid
    assert outcome.result["options"] == {"chart": "tempo"}
    assert outcome.result["setting"] == "set"
    assert outcome.uploads == 2
    assert outcome.result["argv"][1].startswith("/var/tmp/ansible-tmp-")
    assert not Path(outcome.result["argv"][1]).parent.exists()


def test_async_and_su_take_dates_and_vaulted_values(controller, vaulted, service):
    become = {"become": True, "become_method": "su", "become_user": service.name}
    for task in (ASYNC, become):
        outcome = vaulted(task)
        assert outcome.status == 0, outcome.output
        assert outcome.results[-1]["options"]["when"] == "2022-11-19"


@pytest.mark.parametrize("connection", ["local", "ssh"])
def test_async_keeps_the_environment_out_of_the_process_list(controller, connection):
    secret = f"{CANARY} it's $HOME"
    with Watch(CANARY) as watch:
        outcome = controller.run(connection, {"chart": "tempo"}, ASYNC | {"environment": {"PROBE_SETTING": secret}})
    assert outcome.status == 0, outcome.output
    assert outcome.results[-1]["setting"] == secret
    assert watch.rounds > 10
    assert watch.seen == []
    assert not executed(outcome.output)


def test_su_keeps_the_environment_out_of_the_process_list(controller, service):
    become = {"ansible_become": True, "ansible_become_method": "su", "ansible_become_user": service.name}
    with Watch(CANARY) as watch:
        outcome = controller.run("local", {"chart": "tempo"}, {"environment": {"PROBE_SETTING": CANARY}}, **become)
    assert outcome.status == 0, outcome.output
    assert outcome.result["setting"] == CANARY
    assert watch.seen == []
    assert not executed(outcome.output)
    assert not Path(outcome.result["argv"][1]).parent.exists()
