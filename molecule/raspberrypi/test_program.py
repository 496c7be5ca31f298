# SPDX-License-Identifier: AGPL-3.0-or-later
"""The program on an arm64 host: sent once, reused, healed, refused with a reason, run by hand."""

from __future__ import annotations

import json
import shlex

import pytest
from play import Outcome, ask, shell

FOLDER = "/var/cache/picluster.tracing"
GUESTS_CACHE = "/home/guest/.cache/picluster.tracing"


@pytest.fixture(scope="module")
def cold() -> Outcome:
    """The first task on the second and the third host."""
    for host in ("pi2", "pi3"):
        shell(host, f"sudo rm -rf {FOLDER}")
    return ask("pi2,pi3")


def test_the_program_is_sent_once_to_each_host(cold):
    warm = ask("pi2,pi3")
    assert (cold.status, warm.status) == (0, 0), cold.output + warm.output
    for host in ("pi2", "pi3"):
        # One command finds nothing, one uploads the program, one runs it.
        assert (cold.sent(host), cold.commands(host)) == ([("arm64", FOLDER)], 3)
        assert (warm.sent(host), warm.commands(host)) == ([], 1)


@pytest.mark.parametrize(
    ("harm", "verify"),
    [
        ("truncate -s 1000 {}", "no"),
        # One byte says that the program is for x86-64; the size is right, so only the checksum differs.
        (r"printf '\076' | dd of={} bs=1 seek=18 conv=notrunc status=none", "yes"),
    ],
)
@pytest.mark.usefixtures("cold")
def test_a_wrong_program_is_replaced(described, cached, shipped, harm, verify):
    shell("pi2", f"sudo sh -c {shlex.quote(harm.format(cached))}")
    assert described("pi2")[0] != shipped["sha256"]

    healed = ask("pi2", picluster_tracing_verify=verify)
    assert healed.status == 0, healed.output
    assert healed.sent("pi2") == [("arm64", FOLDER)]
    checksum, rows = described("pi2")
    assert (checksum, rows[-1]) == (shipped["sha256"], f"root 755 {cached}")


def test_a_user_without_sudo_has_a_cache_of_its_own(shipped):
    denied = shell("pi2", "sudo -n true 2>&1; echo status $?", user="guest")
    assert denied.endswith("status 1"), denied
    outcome = ask("pi2", ansible_user="guest", ansible_become=False)
    assert outcome.status == 0, outcome.output
    assert outcome.sent("pi2") == [("arm64", GUESTS_CACHE)]
    program = f"{GUESTS_CACHE}/{shipped['sha256']}/tracing-modules"
    assert shell("pi2", f"stat -c '%U %a' {program}", user="guest") == "guest 700"
    assert ask("pi2", ansible_user="guest", ansible_become=False).sent("pi2") == []


def test_noexec_is_told_with_the_way_out():
    """The third host forbids programs in /home and /tmp."""
    outcome = ask("pi3", ansible_user="guest", ansible_become=False)
    assert outcome.status == 2, outcome.output
    assert f"run the program from {GUESTS_CACHE} on the managed host: permission denied" in outcome.output
    assert "the folder may be on a file system mounted noexec" in outcome.output
    assert "The variable picluster_tracing_cache names another folder for it" in outcome.output

    elsewhere = ask("pi3", ansible_user="guest", ansible_become=False, picluster_tracing_cache="/var/tmp/tracing")
    assert elsewhere.status == 0, elsewhere.output


@pytest.mark.usefixtures("cold")
def test_noexec_for_temporary_files_does_not_matter_to_root():
    assert shell("pi3", "cp /usr/bin/true /tmp/; /tmp/true 2>/dev/null; echo status $?; rm /tmp/true") == "status 126"
    assert ask("pi3").status == 0


@pytest.mark.usefixtures("cold")
def test_the_program_runs_by_hand_as_any_binary_module_does(cached, servers):
    """A host that pulls has no controller: Ansible's own call of a binary module is a file of arguments."""
    arguments = {
        "state": "absent",
        "via": "api",
        "name": "Nobody made it",
        "grafana_url": servers["LAB_GRAFANA_URL"],
        "grafana_user": servers["LAB_GRAFANA_USER"],
        "grafana_password": servers["LAB_GRAFANA_PASSWORD"],
    }
    text = shlex.quote(json.dumps(arguments))
    # The name of the file selects the module.
    shell("pi2", f"cd; umask 077; ln -sf {cached} grafana_datasource; echo {text} >arguments")
    assert json.loads(shell("pi2", "./grafana_datasource arguments")) == {"changed": False, "via": "api"}
