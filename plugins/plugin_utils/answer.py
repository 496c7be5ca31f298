# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes back: the program's result, its progress, or an answer of the scripts that run and install it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ansible.module_utils.common.text.converters import to_text

MARKER = "picluster.tracing: "
PROGRESS = "progress: "
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"  # the word that ansible-core itself puts in a secret's place
LONGEST_TEXT = 4000


def script_answer(reply: Mapping) -> tuple[str, str]:
    """Return word and detail of the scripts' last line "picluster.tracing: WORD DETAIL", or ("", "")."""
    line = _last_line(reply["stdout"])
    if not line.startswith(MARKER):
        return "", ""
    word, _space, detail = line.removeprefix(MARKER).partition(" ")
    return word, detail


def result(reply: Mapping, program: str, secrets: Iterable[str]) -> dict:
    """Return the JSON object on the last line of the reply, else a failure that says what the program did."""
    try:
        found = json.loads(_last_line(reply["stdout"]))
    except ValueError:
        return _failure(reply, program, secrets)
    if not isinstance(found, dict):
        return _failure(reply, program, secrets)
    return {key: value for key, value in found.items() if not key.startswith("_ansible_")}


def progress(reply: Mapping) -> list[str]:
    """Return what the program said about its progress, line by line."""
    lines = to_text(reply["stderr"]).splitlines()
    return [line.removeprefix(PROGRESS) for line in lines if line.startswith(PROGRESS)]


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return the text with every secret masked, the longest first: one may be part of another."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _failure(reply: Mapping, program: str, secrets: Iterable[str]) -> dict:
    secrets = set(secrets)
    return {
        "failed": True,
        "msg": f"run {program} on the managed host: it ended with exit status {reply['rc']} and without a result",
        "rc": reply["rc"],
        "module_stdout": _bounded(masked(to_text(reply["stdout"]), secrets)),
        "module_stderr": _bounded(masked(to_text(reply["stderr"]), secrets)),
    }


def _last_line(text: str) -> str:
    lines = [line for line in to_text(text).splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def _bounded(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2
    return f"{text[:half]}\n[{len(text) - 2 * half} characters left out]\n{text[-half:]}"
