# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a task need not do because the parent of the tasks' processes has done it."""

from __future__ import annotations

import importlib
import sys

PACKAGE = "ansible_collections.picluster.tracing.plugins"


def test_an_action_plugin_brings_the_options_of_its_module(monkeypatch):
    action = importlib.import_module(f"{PACKAGE}.action.tempo_helm")
    monkeypatch.delitem(sys.modules, f"{PACKAGE}.modules.tempo_helm", raising=False)
    importlib.reload(action)
    assert f"{PACKAGE}.modules.tempo_helm" in sys.modules
