# SPDX-License-Identifier: AGPL-3.0-or-later
"""The variables of each role: its defaults, argument specs, README and tasks say the same."""

from __future__ import annotations

import re

import pytest
import yaml
from role_files import MODULE, ROLES, ROOT, defaults, read_names, readme, specs, table, tasks

# Ansible's own variables.
MAGIC = {"item", "lookup", "omit", "range"}

# pi-cluster's variables that have a role's prefix.
SEED = {"tempo_distributed_chart_version"}

TYPES = {
    "bool": bool,
    "dict": dict,
    "float": float,
    "int": int,
    "list": list,
    "path": str,
    "raw": object,
    "str": str,
}


def own(role: str, names: set[str]) -> set[str]:
    """Return those of the names that begin with the role's."""
    return {name for name in names if name.startswith(f"{role}_")} - SEED


def handed_on(role: str) -> set[str]:
    """Return the facts that a role sets."""
    return {name for task in tasks(role) for name in task.get("ansible.builtin.set_fact", {})}


def is_template(value: object) -> bool:
    """Say whether a default is computed from other variables."""
    return isinstance(value, str) and "{{" in value


@pytest.mark.parametrize("role", ROLES)
def test_a_check_decides_as_a_run_does(role):
    """Modules know what a run would find; a role that guesses in a check announces what no run does."""
    assert "ansible_check_mode" not in read_names(role)


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_specified(role):
    assert set(defaults(role)) - set(specs(role)) == set()


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_has_every_variable_and_no_other(role):
    assert own(role, set(specs(role))) - set(table(role)) == set()
    assert own(role, set(table(role))) - set(specs(role)) == set()


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_read_and_every_one_that_is_read_is_specified(role):
    read = read_names(role)
    assert set(specs(role)) - read == set()
    assert own(role, read) - set(specs(role)) - handed_on(role) == set()


@pytest.mark.parametrize("role", ROLES)
def test_variables_of_others_that_the_role_understands_are_told(role):
    known = ("_", *(f"{other}_" for other in ROLES))
    given = {name for name in read_names(role) if name in SEED or not name.startswith(known)} - MAGIC
    told = readme(role) + yaml.safe_dump(specs(role), width=10_000)
    assert {name for name in given if not re.search(rf"\b{name}\b", told)} == set()


@pytest.mark.parametrize("role", ROLES)
def test_variables_of_another_role_are_its_own(role):
    others = {
        name: other for name in read_names(role) for other in ROLES if name.startswith(f"{other}_") and other != role
    }
    strange = {name for name, other in others.items() if name not in specs(other) and name not in handed_on(other)}
    assert strange == set()


@pytest.mark.parametrize("role", ROLES)
def test_defaults_have_the_type_and_the_value_of_the_specs(role, effective):
    for name, spec in specs(role).items():
        given = defaults(role).get(name)
        if name not in defaults(role):
            assert "default" not in spec, f"{name} has a default in the specs alone"
            continue
        value = effective[role][name]
        assert isinstance(value, TYPES[spec["type"]]) or value == "", name
        assert not isinstance(value, bool) or spec["type"] in ("bool", "raw"), name
        if "choices" in spec and spec["type"] != "list":
            assert value in spec["choices"], name
        if not is_template(given):
            assert "default" in spec, f"{name} has no default in the specs"
        if "default" in spec:
            assert value == spec["default"], name


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_tells_the_defaults(role, effective):
    wrong = {}
    for name, cell in table(role).items():
        value = effective[role].get(name, "")
        if name in defaults(role) and not tells(cell, value, is_template(defaults(role)[name])):
            wrong[name] = (cell, value)
    assert wrong == {}


def tells(cell: str, value: object, worked_out: bool) -> bool:
    """Say whether a cell gives a default: in code, but an empty or computed one may be described in words."""
    code = re.match(r"`([^`]+)`", cell)
    if not code or re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", code[1]):
        return worked_out or value in ("", [], {})
    try:
        return code[1] == value or yaml.safe_load(code[1]) == value
    except yaml.YAMLError:
        return False


@pytest.mark.parametrize(
    ("cell", "value", "worked_out", "expected"),
    [
        ("`true`", True, False, True),
        ("`true`", False, False, False),
        ("`*-*-* 03:30:00`", "*-*-* 03:30:00", False, True),
        ("`900`", 901, False, False),
        ("none", "", False, True),
        ("none", "tempo", False, False),
        ("those of the role `minio`", "", True, True),
        ("`enable_linkerd`, else `auto`", "auto", True, True),
        ("`tracing`", "tempo", True, False),
    ],
)
def test_tells(cell, value, worked_out, expected):
    assert tells(cell, value, worked_out) is expected


def test_modules_that_a_role_runs_are_of_this_collection():
    found = {key for role in ROLES for task in tasks(role) for key in task if key.startswith(MODULE)}
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert {name.removeprefix(MODULE) for name in found} == modules
