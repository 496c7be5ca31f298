# SPDX-License-Identifier: AGPL-3.0-or-later
"""After the site ran from the first host: what that host is, what is on it, and what the servers have."""

from __future__ import annotations

import pytest
from play import run, shell

HOSTS = ["pi1", "pi2", "pi3"]


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_is_an_arm64_one_without_python(host):
    assert shell(host, "uname -sm; hostname") == f"Linux aarch64\n{host}"
    assert shell(host, "ls -d /usr/bin/*python* /usr/local/bin/*python* 2>/dev/null; echo end") == "end"


def test_each_host_has_a_network_of_its_own():
    networks = {shell(host, "readlink /proc/self/ns/net") for host in HOSTS}
    assert len(networks) == 3
    assert shell("pi1", "cut -d : -f 1 /proc/net/dev | tail -n +3").split() == ["lo"]


def test_the_site_ran_from_the_arm64_program_that_root_owns(described, cached, shipped):
    checksum, rows = described("pi1")
    folder = cached.rsplit("/", 1)[0]
    assert checksum == shipped["sha256"]
    assert rows == [
        "root 755 /var/cache/picluster.tracing",
        f"root 755 {folder}",
        f"root 755 {cached}",
    ]
    machine = shell("pi1", f"head -c 20 {cached} | tail -c 2 | od -An -tx1")
    assert machine == "b7 00", "the machine in the program's ELF header is AArch64"


def test_nothing_was_left_behind_for_the_login_user(cached):
    assert shell("pi1", "ls -A /home/pi /tmp") == "/home/pi:\n\n/tmp:"


def test_the_site_is_the_same_in_the_groups_of_k3s_ansible():
    outcome = run("picluster.tracing.site", inventory="server.yml")
    assert outcome.status == 0, outcome.output
    recap = outcome.output[outcome.output.rindex("PLAY RECAP") :]
    (row,) = [line for line in recap.splitlines() if line.startswith("pi")]
    assert row.split()[0] == "pi1"
    assert {"changed=0", "failed=0"} <= set(row.split()), row
    # minio, tempo, linkerd and traefik use a module each, grafana looks for a data source and manages two: a command
    # each, all in the cache.
    assert (outcome.commands("pi1"), outcome.sent("pi1")) == (7, [])
