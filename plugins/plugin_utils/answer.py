# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""What comes back: the program's result, its progress, or an answer of the scripts that run or install it."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

from ansible.module_utils.common.text.converters import to_text

MARKER = "picluster.tracing: "
PROGRESS = "progress: "
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"  # the word that ansible-core itself puts in place of a secret
LONGEST_TEXT = 4000
_WITHOUT_RESULT = (
    "look at module_stderr: it was killed, as for want of memory, or it is damaged on disk; with the variable "
    "picluster_tracing_verify: true it is compared with its SHA-256 first, and sent again if it differs"
)
SHORTEST_LINE = 8  # of a secret with several lines; from this length on a line counts as a secret of its own


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
    """Return the program's progress messages, line by line."""
    lines = to_text(reply["stderr"]).splitlines()
    return [line.removeprefix(PROGRESS) for line in lines if line.startswith(PROGRESS)]


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return the text with every secret masked in the forms that programs write, the longest first."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, line by line, escaped as in JSON, Go, shells and URLs, and as base64 at any offset."""
    yield secret
    yield from (line.strip() for line in secret.splitlines() if len(line.strip()) >= SHORTEST_LINE)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield shlex.quote(secret)
    for quoted in (quote(secret, safe=""), quote_plus(secret)):
        yield from (quoted, re.sub("%..", lambda found: found[0].lower(), quoted))
    raw = secret.encode("utf-8", "surrogateescape")
    for offset in range(3):
        core = base64.b64encode(bytes(offset) + raw).decode()[(offset * 8 + 5) // 6 : (offset + len(raw)) * 8 // 6]
        yield from (core, core.translate(str.maketrans("+/", "-_")))


def _failure(reply: Mapping, program: str, secrets: Iterable[str]) -> dict:
    secrets = set(secrets)
    return {
        "failed": True,
        "msg": f"run {program} on the managed host: it ended with exit status {reply['rc']} and without a result",
        "hint": _WITHOUT_RESULT,
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
