# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""The message of a failed task of a role, with the variables of the role instead of the options of the module."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.picluster.tracing.plugins.plugin_utils.role_options import VARIABLES

SPOKEN = ("msg", "hint", "warnings")

# A name of one word, such as name, is an option only where the sentence treats it as one.
_VERBS = r"\b(?:give|set|leave|check|correct|choose|let|use|raise|with|and|or|in|of)"
_BEFORE = rf"(?:^|(?:{_VERBS}|[,:;]) (?:another |the )?)"
_AFTER = r"(?=$|[,;:)]|\.$| (?:\(|is \w+$|(?:and|or|out|so|to|be|needs|is required|are required|must|at)\b))"


def of_role(result: dict, role: object, task: str) -> dict:
    """Return the result of a module with the names that the role's caller knows."""
    variables = _variables(role, task)
    if not variables:
        return result
    return result | {key: _told(result[key], variables) for key in SPOKEN if result.get(key)}


def _variables(role: object, task: str) -> Mapping[str, str]:
    """Return the variables of the task's options, none where the role is not one of this collection."""
    name = role.get_name() if role else ""
    collection, _dot, short = name.rpartition(".")
    if collection != "picluster.tracing":
        return {}
    return VARIABLES.get(short, {}).get(task, {})


def _told(said: object, variables: Mapping[str, str]) -> object:
    if isinstance(said, list):
        return [_told(part, variables) for part in said]
    return in_variables(said, variables) if isinstance(said, str) else said


def in_variables(text: str, variables: Mapping[str, str]) -> str:
    """Return the text with its options replaced by their variables. Text after a line break is for pasting."""
    first, line_break, rest = text.partition("\n")

    def variable(found: re.Match) -> str:
        return (found["lead"] or "") + variables[found["listed"] or found["option"]]

    return _pattern(variables).sub(variable, first) + line_break + rest


def _pattern(variables: Mapping[str, str]) -> re.Pattern:
    longest_first = sorted(variables, key=len, reverse=True)
    telling = "|".join(re.escape(name) for name in longest_first if re.search(r"[_.]", name))
    plain = "|".join(re.escape(name) for name in longest_first if not re.search(r"[_.]", name)) or "(?!)"
    listed = rf"(?P<lead>{_BEFORE})(?P<listed>{plain}){_AFTER}"
    # Neither a part of a path or of a word, nor a flag of a command.
    option = rf"(?<![\w./$-])(?P<option>(?:{telling})(?![\w/-])|(?:{plain})(?=: \S|\.[a-z_]+\b(?!\.)))"
    return re.compile(f"{listed}|{option}")
