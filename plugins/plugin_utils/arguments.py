# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""The value of an argument of a role's task where it can be determined without Jinja.

A task of a role names forty variables, most of them unset or plain: "{{ tempo_chart_ref | default(omit, true) }}".
Every task is a process of its own that compiles each of these again, a tenth of the controller's time in a run with
nothing to do. Whatever is more than a variable and its defaults is left to ansible-core, and so are all errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy

try:  # ansible-core 2.19 and newer, which asks action plugins for their arguments
    from ansible.errors import AnsibleValueOmittedError
    from ansible.template import is_trusted_as_template
except ImportError:

    class AnsibleValueOmittedError(Exception):
        """Never raised: older versions do not ask."""

    def is_trusted_as_template(_value):
        """Older versions do not ask."""
        return False


_PATH = r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*"
_OTHER = rf"{_PATH}|'[^'\\{{}}]*'|\{{\}}|\[\]"
_DEFAULT = re.compile(rf" \| default\(({_OTHER})(, true)?\)")
_CHAIN = re.compile(rf"\{{\{{ ({_PATH})((?: \| default\((?:{_OTHER})(?:, true)?\))*) \}}\}}")
_LITERALS = {"true": True, "false": False, "{}": {}, "[]": []}
_DEEPEST = 8  # ansible-core refuses variables that refer to each other in a circle
_WORDS = frozenset(("true", "false", "none", "not", "and", "or", "in", "is", "if", "else", "self", "loop"))
_SIGNS = ("{{", "{%", "{#")


class Unclear(Exception):
    """Only ansible-core can determine the value."""


class _Undefined:
    """The value of a variable that is not set."""


def finalized(value: object, templar: object) -> object:
    """Return an argument's value. One that should be omitted raises ansible-core's error for that."""
    chain = _chain(value)
    if not chain:
        return templar.template(value)
    try:
        return _chained(chain, _Scope(templar))
    except (Unclear, AttributeError):  # ansible-core does not promise a stable templar
        return templar.template(value)


def _chain(value: object) -> re.Match | None:
    return _CHAIN.fullmatch(value) if isinstance(value, str) and is_trusted_as_template(value) else None


class _Scope:
    """The variables of a task, as far as they are plain or resolve to plain ones by such chains."""

    def __init__(self, templar: object) -> None:
        self._variables: Mapping = templar.available_variables
        self._globals: Mapping = templar.environment.globals
        self._depth = 0

    def value(self, path: str) -> object:
        """Return a plain value, or _Undefined."""
        name, *keys = path.split(".")
        if name in _WORDS or (name in self._globals and name not in self._variables):
            raise Unclear
        value = self._variables.get(name, _Undefined)
        for key in keys:
            value = _part(value, key)
        return self._plain(value)

    def _plain(self, value: object) -> object:
        if isinstance(value, str) and not any(sign in value for sign in _SIGNS):
            return value
        if value is None or value is _Undefined or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, (list, dict)) and not value:
            return type(value)()
        return self._behind(_chain(value))

    def _behind(self, chain: re.Match | None) -> object:
        if not chain or self._depth == _DEEPEST:
            raise Unclear
        self._depth += 1
        try:
            return _chained(chain, self)
        except AnsibleValueOmittedError as error:  # of a variable, not of an argument
            raise Unclear from error
        finally:
            self._depth -= 1


def _part(value: object, key: str) -> object:
    if value is _Undefined:
        return value
    if not isinstance(value, dict) or hasattr(dict, key):
        raise Unclear
    return value.get(key, _Undefined)


def _chained(chain: re.Match, scope: _Scope) -> object:
    value = scope.value(chain[1])
    for other, also_empty in _DEFAULT.findall(chain[2]):
        if value is not _Undefined and (value or not also_empty):
            continue
        if other == "omit":
            raise AnsibleValueOmittedError
        value = _other(other, scope)
    if value is _Undefined:
        raise Unclear
    return value


def _other(text: str, scope: _Scope) -> object:
    if text[0] == "'":
        return text[1:-1]
    if text in _LITERALS:
        return copy(_LITERALS[text])
    return scope.value(text)
