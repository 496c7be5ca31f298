# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a task costs and what reaches the program."""

from __future__ import annotations

import pytest
from accounts import PASSWORD


@pytest.mark.parametrize("connection", ["local", "ssh"])
def test_a_warm_task_is_one_command_and_no_upload(controller, server, connection):
    cold = controller.run(connection, {"chart": "tempo"})
    assert cold.status == 0, cold.output
    assert (cold.commands, cold.uploads) == (3, 0)

    before = server.sessions()
    warm = controller.run(connection, {"chart": "tempo"})
    assert warm.status == 0, warm.output
    assert (warm.commands, warm.uploads) == (1, 0)
    seen_by_server = {"local": [], "ssh": ["command"]}
    assert server.sessions()[len(before) :] == seen_by_server[connection]


def test_the_request_arrives_whole(controller):
    options = {"values": {"a": [1, 2.5, None, True], "ü": "line\nbreak 'and' \"quotes\" $HOME"}}
    result = controller.run("local", options, {"check_mode": True, "diff": True}).result
    assert result["options"] == options
    assert result["internal"]["check_mode"] is True
    assert result["internal"]["diff"] is True
    assert result["internal"]["verbosity"] == 3
    assert result["internal"]["module_name"] == "picluster.tracing.tempo_helm"
    assert result["argv"][1] == "-"
    assert "_ansible_internal" not in result


def test_a_short_name_arrives_as_the_full_one(controller, tmp_path):
    play, inventory = tmp_path / "short.yml", tmp_path / "hosts.yml"
    play.write_text("[{hosts: all, gather_facts: false, collections: [picluster.tracing], tasks: [{tempo_helm: {}}]}]")
    inventory.write_text(
        f"all: {{hosts: {{target: {{ansible_connection: local, picluster_tracing_cache: {tmp_path}/cache}}}}}}"
    )
    outcome = controller.finish(controller.start_file(play, inventory))
    assert outcome.result["internal"]["module_name"] == "picluster.tracing.tempo_helm", outcome.output


def test_the_environment_reaches_the_program_unseen(controller):
    value = "it's a\nsecret; $(date) end of settings"
    outcome = controller.run("ssh", {}, {"environment": {"PROBE_SETTING": value}})
    assert outcome.result["setting"] == value
    executed = [line for line in outcome.output.splitlines() if "EXEC" in line]
    assert executed
    assert not any("secret" in line for line in executed)


def test_a_name_that_no_shell_accepts_is_refused(controller):
    outcome = controller.run("local", {}, {"environment": {"A B": "1"}})
    assert outcome.status == 2
    assert "'A B' is not a variable name" in outcome.result["msg"]


def test_progress_is_shown(controller):
    outcome = controller.run("local", {"behave": "progress"})
    assert "<target> 2 of 5 pods are ready" in outcome.output


@pytest.mark.parametrize("become_user", ["root", "tracing-service"])
@pytest.mark.parametrize("connection", ["local", "ssh"])
def test_become_with_a_password(controller, careful, service, connection, become_user):
    # A local connection starts as root, whom sudo does not ask; so its sudo runs as the careful user.
    if connection == "local":
        method = {"ansible_become_exe": f"sudo -u {careful.name} sudo"}
    else:
        method = {"ansible_user": careful.name}
    variables = {"ansible_become": True, "ansible_become_user": become_user, "ansible_become_password": PASSWORD}
    cache = {} if become_user == "root" else {"picluster_tracing_cache": ""}
    for _ in range(2):
        outcome = controller.run(connection, {"chart": "tempo"}, **variables, **method, **cache)
        assert outcome.status == 0, outcome.output
    assert (outcome.commands, outcome.uploads) == (1, 0)
    assert outcome.result["uid"] == {"root": 0, "tracing-service": service.uid}[become_user]
    assert outcome.result["options"]["chart"] == "tempo"
