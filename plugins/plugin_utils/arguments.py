# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""What an argument of a role's task comes to where that can be told without Jinja.

A task of a role names forty variables, most of them unset or plain: "{{ tempo_chart_ref | default(omit, true) }}".
Every task is a process of its own that compiles each of these anew, a tenth of the controller's time in a run with
nothing to do. Whatever is more than a variable and its defaults is left to ansible-core, and so are all errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

try:  # ansible-core 2.19 and newer, whose action plugins are asked for their arguments
    from ansible.errors import AnsibleValueOmittedError
    from ansible.template import is_trusted_as_template
except ImportError:

    class AnsibleValueOmittedError(Exception):
        """Never raised: older versions do not ask."""

    def is_trusted_as_template(_value):
        """Older versions do not ask."""
        return False


_NAME = r"[a-z_][a-z0-9_]*"
_DEFAULT = re.compile(rf" \| default\(({_NAME})(, true)?\)")
_CHAIN = re.compile(rf"\{{\{{ ({_NAME})((?: \| default\({_NAME}(?:, true)?\))*) \}}\}}")
_WORDS = frozenset(("true", "false", "none", "not", "and", "or", "in", "is", "if", "else", "self", "loop"))
_SIGNS = ("{{", "{%", "{#")


class Unclear(Exception):
    """Only ansible-core knows."""


class _Undefined:
    """The value of a variable that is not set."""


def finalized(value: object, templar: object) -> object:
    """Return what an argument comes to. One that is to be left out raises ansible-core's error for that."""
    chain = _CHAIN.fullmatch(value) if isinstance(value, str) and is_trusted_as_template(value) else None
    if not chain:
        return templar.template(value)
    try:
        return _chained(chain[1], _DEFAULT.findall(chain[2]), _Scope(templar))
    except (Unclear, AttributeError):  # ansible-core does not promise that a templar stays as it is
        return templar.template(value)


class _Scope:
    """The variables of a task, as far as they are plain."""

    def __init__(self, templar: object) -> None:
        self._variables: Mapping = templar.available_variables
        self._globals: Mapping = templar.environment.globals

    def value(self, name: str) -> object:
        """Return a plain value, or _Undefined."""
        if name in _WORDS:
            raise Unclear
        if name not in self._variables:
            if name in self._globals:
                raise Unclear
            return _Undefined
        value = self._variables[name]
        if isinstance(value, str) and not any(sign in value for sign in _SIGNS):
            return value
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (list, dict)) and not value:
            return type(value)()
        raise Unclear


def _chained(name: str, defaults: list[tuple[str, str]], scope: _Scope) -> object:
    value = scope.value(name)
    for other, also_empty in defaults:
        if value is not _Undefined and (value or not also_empty):
            continue
        if other == "omit":
            raise AnsibleValueOmittedError
        value = scope.value(other)
    if value is _Undefined:
        raise Unclear
    return value
