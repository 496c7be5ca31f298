# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the documentation of a module says, with the fragments that extend it."""

from __future__ import annotations

from importlib import import_module

import yaml

PLUGINS = "ansible_collections.picluster.tracing.plugins"


def options(module: str) -> dict[str, dict]:
    """Return the option table of a module, as the Go program has written it."""
    documentation = yaml.safe_load(import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    table = dict(documentation["options"])
    for fragment in documentation["extends_documentation_fragment"]:
        shared = import_module(f"{PLUGINS}.doc_fragments.{fragment.rpartition('.')[2]}").ModuleDocFragment
        table.update(yaml.safe_load(shared.DOCUMENTATION).get("options", {}))
    return table
