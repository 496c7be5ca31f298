# SPDX-License-Identifier: AGPL-3.0-or-later
"""The parts of a module in several folders match."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]


def python_names(folder: str) -> set[str]:
    return {file.stem for file in (ROOT / "plugins" / folder).glob("*.py")}


def go_modules() -> set[str]:
    text = (ROOT / "modules" / "internal" / "registry" / "registry.go").read_text()
    return set(re.findall(r'^\s+"(\w+)":', text, re.MULTILINE))


def test_each_go_module_has_documentation_an_action_and_a_place_in_the_group():
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    names = go_modules()
    assert len(names) >= 4
    assert python_names("modules") == names
    assert python_names("action") == names
    assert set(runtime["action_groups"]["tracing"]) == names


def options(module: str) -> set[str]:
    """Return the names that the module takes without their aliases."""
    for statement in ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text()).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "ARGUMENT_SPEC":
            return set(ast.literal_eval(statement.value))
    raise LookupError(module)


@pytest.mark.parametrize(
    ("group", "defaults"),
    {
        "k8s": "kubeconfig context host api_key validate_certs ca_cert client_cert client_key",
        "grafana": "grafana_url grafana_user grafana_password grafana_api_key",
    }.items(),
)
def test_every_module_of_a_group_takes_the_options_that_the_group_is_for(group, defaults):
    """A default in module_defaults that a module of the group does not know fails that module's tasks."""
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    takes_all = {module for module in go_modules() if set(defaults.split()) <= options(module)}
    assert set(runtime["action_groups"][group]) == takes_all


def test_galaxy_yml_has_the_version_that_the_fragments_are_for():
    """Versions in changelog.yaml are released; fragments beside it belong to a later version."""
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    releases = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text())["releases"]
    fragments = list((ROOT / "changelogs" / "fragments").glob("*.yml"))
    assert (version in releases) == (not fragments)


def test_plugins_carry_the_licence_that_ansible_asks_for():
    lacking = [
        file.relative_to(ROOT)
        for file in (ROOT / "plugins").rglob("*.py")
        if "GNU General Public License v3.0+" not in file.read_text()
        or "SPDX-License-Identifier: GPL-3.0-or-later" not in file.read_text()
    ]
    assert lacking == []
