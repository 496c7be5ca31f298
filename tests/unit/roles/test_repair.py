# SPDX-License-Identifier: AGPL-3.0-or-later
"""The role verify points Grafana's links to where the log line was found, once, and only if nothing else fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from role_files import stand_in_collection

LINK = {"selector": '{service_name="traefik"}', "place": "metadata", "name": "trace_id", "regex": ""}

# In place of the action plugins: a probe whose hops fail as the host's variables say, in its first run or in all.
STAND_IN = """
import json, os
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars) | {"changed": False}
        name, host = self._task.name, task_vars["inventory_hostname"]
        with open(os.environ["WRITTEN"], "a") as written:
            written.write(json.dumps([host, name, self._task.args.get("log_link")], default=str) + "\\n")
        if name != "Send traces and find them again":
            return result | {"uid": "found"}
        with open(os.environ["WRITTEN"]) as written:
            runs = sum(json.loads(line)[:2] == [host, name] for line in written)
        failed = task_vars["fails"] if runs == 1 or task_vars["again"] else []
        hops = [{"name": hop, "title": hop, "status": "failed"} for hop in failed]
        hops.append({"name": "query", "title": "query", "status": "passed"})
        result |= {"hops": hops}
        if task_vars["found"]:
            result["log_link"] = json.loads(os.environ["LINK"])
        if failed:
            result |= {"failed": True, "msg": "lost"}
        return result
"""

HOSTS = {
    "repaired": {"fails": ["derived_field", "span_logs"]},
    "span": {"fails": ["span_logs"]},
    "forbidden": {"fails": ["span_logs"], "verify_repair_links": False},
    "alone": {"fails": ["span_logs"], "verify_repair_links": None},
    "traefik": {"fails": ["traefik", "derived_field"]},
    "lost": {"fails": ["access_log"], "found": False},
    "hopeless": {"fails": ["derived_field"], "again": True},
    "healthy": {"fails": []},
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> dict[str, tuple[list, bool]]:
    """For each host the tasks of modules with their log_link, and whether the role succeeded."""
    top = tmp_path_factory.mktemp("repair")
    stand_in_collection(top, STAND_IN)
    common = {"ansible_connection": "local", "found": True, "again": False, "verify_repair_links": True}
    hosts = {name: common | row for name, row in HOSTS.items()}
    del hosts["alone"]["verify_repair_links"]
    (top / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    tasks = [
        {"ansible.builtin.include_role": {"name": "picluster.tracing.verify"}},
        {"name": "end", "ansible.builtin.debug": {"msg": "ENDED {{ inventory_hostname }}"}},
    ]
    play = {"hosts": "all", "gather_facts": False, "strategy": "ansible.builtin.free", "tasks": tasks}
    (top / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(top),
        "ANSIBLE_NOCOLOR": "1",
        "WRITTEN": str(top / "written"),
        "LINK": json.dumps(LINK),
    }
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", top / "inventory.yml", top / "play.json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=top)
    rows = [json.loads(line) for line in (top / "written").read_text(encoding="utf-8").splitlines()]
    assert len({host for host, _name, _link in rows}) == len(HOSTS), done.stdout[-4000:] + done.stderr[-2000:]
    return {
        host: ([row[1:] for row in rows if row[0] == host], f"ENDED {host}" in done.stdout, done.stdout)
        for host in HOSTS
    }


PROBE = ["Send traces and find them again", None]
SOURCES = [["Set up the data source with the traces", LINK], ["Set up the link from the logs to the traces", LINK]]


@pytest.mark.parametrize(
    ("host", "probes", "repairs", "ends"),
    [
        ("repaired", 2, True, True),
        ("span", 2, True, True),
        ("forbidden", 1, False, False),  # a cron job that only tests
        ("alone", 1, False, False),  # the role grafana has not run
        ("traefik", 1, False, False),  # the link is not the only failure
        ("lost", 1, False, False),  # nobody knows where the line is
        ("hopeless", 2, True, False),  # tried once
        ("healthy", 1, False, True),
    ],
)
def test_links_are_repaired_once(outcome, host, probes, repairs, ends):
    tasks, ended, _said = outcome[host]
    assert tasks.count(PROBE) == probes
    assert all((row in tasks) == repairs for row in SOURCES)
    assert ended == ends


def test_it_says_where_the_lines_are(outcome):
    said = outcome["repaired"][2]
    assert "{service_name=" in said
    assert "(metadata trace_id), where Grafana's links do not look" in " ".join(said.split())
