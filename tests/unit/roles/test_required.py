# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the role grafana refuses before any module runs."""

from __future__ import annotations

import pytest
from jinja2 import Environment, StrictUndefined
from role_files import tasks

USUAL = {"grafana_enabled": "auto", "grafana_via": "auto", "grafana_password": "", "grafana_api_key": ""}
URL = "https://monitoring.example.com/grafana/"

CASES = {
    "ConfigMaps need no Grafana": ({}, False),
    "the API needs an address": ({"grafana_via": "api"}, True),
    "an address needs a password or a key": ({"grafana_url": URL}, True),
    "a password": ({"grafana_url": URL, "grafana_password": "secret"}, False),
    "a password that YAML reads as a number": ({"grafana_url": URL, "grafana_password": 12345}, False),
    "a key": ({"grafana_url": URL, "grafana_via": "api", "grafana_api_key": "key"}, False),
    "a role that is off": ({"grafana_enabled": False, "grafana_via": "api"}, False),
    "a role that is off in another way": ({"grafana_enabled": "No", "grafana_url": URL}, False),
    "a role that is on": ({"grafana_enabled": True, "grafana_url": URL}, True),
}


@pytest.mark.parametrize("name", CASES)
def test_grafana_is_refused_without_what_it_needs(name):
    variables, refused = CASES[name]
    (task,) = [task for task in tasks("grafana") if task.get("name") == "Check the required variables"]
    condition = Environment(undefined=StrictUndefined).compile_expression(task["when"], undefined_to_none=False)
    assert "grafana_url" in task["ansible.builtin.fail"]["msg"]
    assert condition(**USUAL | variables) is refused
