# SPDX-License-Identifier: AGPL-3.0-or-later
"""The parts of a module that lie in several folders belong together."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_plugins_carry_the_licence_that_ansible_asks_for():
    lacking = [
        file.relative_to(ROOT)
        for file in (ROOT / "plugins").rglob("*.py")
        if "GNU General Public License v3.0+" not in file.read_text()
        or "SPDX-License-Identifier: GPL-3.0-or-later" not in file.read_text()
    ]
    assert lacking == []
