#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Judge a run of ansible-playbook by the recap in its output.

Usage: check_recap.py [--unchanged] FILE

Fails unless the output ends with a recap in which each host has ok above 0 and no failed or unreachable task; with
--unchanged also when any host changed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
HEADING = re.compile(r"^PLAY RECAP \*+$")
ROW = re.compile(r"^(\S+)\s*:\s+((?:\w+=\d+\s*)+)$")


def hosts(output: str) -> dict[str, dict[str, int]]:
    """Return the counts of each host in the last recap; ValueError when there is none or it has an unknown line."""
    lines = [COLOURS.sub("", line).rstrip() for line in output.splitlines()]
    headings = [number for number, line in enumerate(lines) if HEADING.match(line)]
    if not headings:
        raise ValueError("the output has no PLAY RECAP: the run did not come to its end")
    recap = [line for line in lines[headings[-1] + 1 :] if line]
    for line in recap:
        if not ROW.match(line):
            raise ValueError(f"the recap has a line that is none: {line!r}")
    return rows(recap)


def rows(lines: list[str]) -> dict[str, dict[str, int]]:
    """Return the counts of each host or scenario that has a line in the format of a recap."""
    found = filter(None, map(ROW.match, lines))
    return {
        row[1]: {name: int(number) for name, number in (pair.split("=") for pair in row[2].split())} for row in found
    }


def faults(found: dict[str, dict[str, int]], unchanged: bool) -> list[str]:
    """Return what is wrong with the recap, a sentence each."""
    if not found:
        return ["no host was acted on"]
    wrong = [f"{host}: nothing was done" for host, count in found.items() if count.get("ok", 0) == 0]
    forbidden = ["failed", "unreachable", *(["changed"] if unchanged else [])]
    for host, count in found.items():
        # A count that the recap lacks is as bad as one that is too high.
        wrong += [f"{host}: {name}={count.get(name)}, not 0" for name in forbidden if count.get(name) != 0]
    return wrong


def main(arguments: list[str]) -> str | None:
    """Return the message of a failure."""
    unchanged = "--unchanged" in arguments
    (file,) = [argument for argument in arguments if argument != "--unchanged"]
    try:
        wrong = faults(hosts(Path(file).read_text(encoding="utf-8")), unchanged)
    except ValueError as error:
        wrong = [str(error)]
    return "; ".join(wrong) or None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
