# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mitogen puts its own classes in front of action plugins and connections."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from ansible_collections.picluster.tracing.plugins.plugin_utils import remote

ACTION = "ansible_collections.picluster.tracing.plugins.action"


@pytest.mark.parametrize("name", ["picluster.tracing.tempo_helm", "tempo_helm"])
def test_a_class_made_of_the_plugin_is_the_same_module(name):
    plugin = importlib.import_module(f"{ACTION}.tempo_helm").ActionModule
    made = type("ActionModule", (plugin,), {"__module__": "abc"})  # as ansible_mitogen/strategy.py does
    action = made.__new__(made)
    action._task = SimpleNamespace(action=name)
    assert action._module == "tempo_helm"


def connection(module: str, **attributes: object) -> object:
    """Return a connection whose class inherits from one of that Python module."""
    base = type("Connection", (), {"__module__": module, "become": None, **attributes})
    return type("Connection", (base,), {"__module__": "ansible.plugins.connection.mitogen_ssh"})()


def test_its_connections_take_input_though_they_do_not_say_so():
    su = SimpleNamespace(name="su", pipelining=False)
    assert remote.takes_input(connection("ansible_mitogen.connection", has_pipelining=False, become=su))
    assert not remote.takes_input(connection("somebody.connection", has_pipelining=False))
    assert not remote.takes_input(connection("ansible.plugins.connection.ssh", has_pipelining=True, become=su))
    assert remote.takes_input(connection("ansible.plugins.connection.ssh", has_pipelining=True))
