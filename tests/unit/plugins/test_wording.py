# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that fails in a role speaks of the role's variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.picluster.tracing.plugins.plugin_utils import wording
from ansible_collections.picluster.tracing.plugins.plugin_utils.role_options import VARIABLES
from module_docs import options

REPOSITORY = Path(__file__).parents[3]
MODULE = "picluster.tracing."

# Options without a variable of the role: the role sets them itself.
OWN = {
    "tempo": {"s3"},
    "grafana": {
        "required",
        "ds_type",
        "tempo",
        "loki",
        "prometheus",
        "check_health",
        "via",
        "ds_url_if_new",
        "grafana_url",
    },
    "emojivoto": {"definition", "prune"},
    "picluster_tracing_rbac": {"definition", "prune", "field_manager", "wait"},
    "verify": {"via", "check_health"},
}


def tasks(role: str) -> dict[str, dict]:
    """Return the tasks of a role that run a module, by their names, each as its arguments and variables."""
    found = {}
    for path in sorted((REPOSITORY / "roles" / role / "tasks").glob("*.yml")):
        for task in yaml.safe_load(path.read_text(encoding="utf-8")):
            for key, arguments in task.items():
                if key.startswith(MODULE):
                    found.setdefault(task["name"], (arguments, str(arguments) + str(task.get("vars", ""))))
    return found


def specified(role: str) -> set[str]:
    """Return the variables that the role takes."""
    specs = yaml.safe_load((REPOSITORY / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return set(specs["argument_specs"]["main"]["options"])


class Role:
    """A role as ansible-core has it."""

    def __init__(self, name):
        self.name = name

    def get_name(self):
        """Return the whole name."""
        return self.name


@pytest.mark.parametrize("role", VARIABLES)
def test_every_task_and_option_of_the_role_has_its_variable(role):
    found = tasks(role)
    assert set(found) == set(VARIABLES[role])
    for name, (arguments, _text) in found.items():
        missing = {option for option in arguments if option not in VARIABLES[role][name]} - OWN.get(role, set())
        assert not missing, name


@pytest.mark.parametrize("role", VARIABLES)
def test_every_variable_is_one_of_the_role_and_reaches_its_task(role):
    known = specified(role) | specified("traefik")  # the role grafana refers to the same Traefik
    found = tasks(role)
    for name, rows in VARIABLES[role].items():
        for option, variable in rows.items():
            assert variable in known, (name, option)
            assert re.search(rf"\b{variable}\b", found[name][1]), (name, option)


GRAFANA = ("grafana", "Set up the data source with the traces")

SENTENCES = [
    (row["role"], row["task"], sentence["said"], sentence["told"])
    for row in yaml.safe_load((Path(__file__).parent / "sentences.yml").read_text(encoding="utf-8"))
    for sentence in row["sentences"]
]


@pytest.mark.parametrize(("role", "task", "said", "told"), SENTENCES)
def test_sentences(role, task, said, told):
    result = {"failed": True, "msg": said, "hint": said, "warnings": [said], "step": "plan", "kind": "usage"}
    got = wording.of_role(result, Role(f"picluster.tracing.{role}"), task)
    assert got == {"failed": True, "msg": told, "hint": told, "warnings": [told], "step": "plan", "kind": "usage"}


def test_what_is_to_be_pasted_stays():
    said = "it differs in ds_url:\n- name: Tempo\n  uid: tempo\n"
    got = wording.of_role({"msg": said}, Role("picluster.tracing.grafana"), GRAFANA[1])
    assert got["msg"] == "it differs in grafana_tempo_url:\n- name: Tempo\n  uid: tempo\n"


@pytest.mark.parametrize("role", [None, Role("other.collection.grafana"), Role("grafana")])
def test_another_role_and_a_task_of_ones_own_keep_the_options(role):
    result = {"msg": "give ds_url"}
    assert wording.of_role(result, role, GRAFANA[1]) == result


# Options in a module's messages that no role sets: the role grafana itself decides what a data source is.
UNREACHABLE = {"grafana_datasource": {"ds_type", "is_default"}}
MODULES = [path.stem for path in (REPOSITORY / "plugins" / "modules").glob("*.py")]


@pytest.mark.parametrize("module", MODULES)
def test_every_option_that_a_message_names_clearly_is_told_by_its_role(module):
    told = {
        option
        for role in VARIABLES
        for task, (name, _arguments) in _by_task(role).items()
        if name == module
        for option in VARIABLES[role][task]
    }
    sentences = _sentences(module) + _sentences("internal")
    named = {name for name in _options(module) for said in sentences if re.search(rf"(?<![\w./]){name}(?!\w)", said)}
    assert named - told == UNREACHABLE.get(module, set())


# Hints about certificates use the names of the connection's options.
CONNECTIONS = {
    "modules/trace_probe": ("verify", "Send traces and find them again"),
    "modules/traefik_tracing": ("traefik", "Set up tracing and the access log of Traefik"),
    "modules/internal/helm": ("tempo", "Set up Grafana Tempo"),
}


@pytest.mark.parametrize("folder", CONNECTIONS)
def test_every_option_for_certificates_of_a_connection_is_told_by_its_role(folder):
    sources = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / folder).glob("*.go"))
    named = {
        name
        for names in re.findall(r"certificate\.Names\{([^}]*)\}", sources)
        for name in re.findall(r'"(\w+)"', names)
    }
    role, task = CONNECTIONS[folder]
    assert named
    assert named <= set(VARIABLES[role][task])


def test_no_connection_is_forgotten():
    having = {
        str(path.parent.relative_to(REPOSITORY))
        for path in (REPOSITORY / "modules").rglob("*.go")
        if "certificate.Names{" in path.read_text(encoding="utf-8") and not path.name.endswith("_test.go")
    }
    assert having == set(CONNECTIONS)


def test_sentences_are_found_where_they_stand():
    assert "check chart_repo_url and chart_ref" in _sentences("internal")
    assert len(_sentences("internal")) > 200


def _by_task(role: str) -> dict[str, tuple]:
    found = {}
    for path in (REPOSITORY / "roles" / role / "tasks").glob("*.yml"):
        for task in yaml.safe_load(path.read_text(encoding="utf-8")):
            for key, arguments in task.items():
                if key.startswith(MODULE):
                    found[task["name"]] = (key.removeprefix(MODULE), arguments)
    return found


def _options(module: str) -> set[str]:
    """Return the options of a module with names of several words, including suboptions."""
    return {name for name in _names(options(module)) if "_" in name}


def _names(table: dict[str, dict]) -> list[str]:
    return [*table, *(inner for row in table.values() for inner in _names(row.get("suboptions", {})))]


def _sentences(folder: str) -> list[str]:
    """Return what the sources below a folder may say: texts of several words, but the documentation of options."""
    lines = [
        line
        for path in sorted((REPOSITORY / "modules" / folder).rglob("*.go"))
        if not path.name.endswith("_test.go")
        for line in path.read_text(encoding="utf-8").splitlines()
        if not re.match(r'\s*//|.*(?:Doc: \[\]string|json:"|\bO\()', line)
    ]
    return [said for line in lines for said in re.findall(r'"((?:[^"\\]|\\.)* (?:[^"\\]|\\.)*)"', line)]
