# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""What is sent to the program: the request as JSON, the task's environment, and which of its values are secret."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Set
from datetime import date, datetime

from ansible.errors import AnsibleError

COLLECTION = "picluster.tracing"
SHORTEST_SECRET = 4  # shorter ones would match parts of many words


def encode(arguments: Mapping) -> str:
    """Return the arguments as one line of JSON.

    Not AnsibleJSONEncoder: up to ansible-core 2.18 it writes {"__ansible_vault": ...} for a vaulted value.
    """
    return json.dumps(arguments, default=_plain, sort_keys=True)


def plain(arguments: Mapping) -> dict:
    """Return the arguments with only JSON's own types in them."""
    return json.loads(encode(arguments))


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value, key=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)  # a vaulted value decrypts itself here


def settings(environment: Mapping) -> str:
    """Return the task's environment as shell lines, or "" when it has none.

    They are sent on standard input with the request, so that neither the process list of the managed host nor -vvv
    shows a password from the environment.
    """
    for name in environment:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(name)):
            raise AnsibleError(f"read the task's environment: {name!r} is not a variable name that a shell accepts")
    return "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in environment.items())


def secrets(module: str, arguments: Mapping) -> set[str]:
    """Return the values of the options that the module's argument spec marks no_log, down to the last level."""
    return {text for text in _secrets(options(module), plain(arguments)) if len(text) >= SHORTEST_SECRET}


def options(module: str) -> Mapping:
    """Return the module's argument spec."""
    return importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.modules.{module}").ARGUMENT_SPEC


def _secrets(spec: Mapping, arguments: Mapping) -> Iterator[str]:
    for name, row in spec.items():
        for key in (name, *row.get("aliases", ())):
            value = arguments.get(key)
            if row.get("no_log") or _is_content(row, value):
                yield from _texts(value)
            for part in value if isinstance(value, list) else [value]:
                if row.get("options") and isinstance(part, Mapping):
                    yield from _secrets(row["options"], part)


def _is_content(row: Mapping, value: object) -> bool:
    """Say whether a file's content was given in place of its path: a key, or a kubeconfig."""
    if isinstance(value, str):
        return row.get("type") in ("path", "raw") and ("\n" in value.strip() or "-----BEGIN" in value)
    return False


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
