#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Judge a run of "molecule test" by its output: Molecule itself accepts a step without a playbook or hosts.

Usage: check_molecule.py FILE SCENARIO...

Fails unless the output ends with a recap of these scenarios only, in which every step was successful, and
each of their runs of ansible-playbook did something on a host.
"""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import check_recap

HEADING = "SCENARIO RECAP"
STEP = re.compile(r"(\S+) ➜ (\w+): Executing$")
NO_HOSTS = "skipping: no hosts matched"


def scenarios(lines: list[str]) -> dict[str, dict[str, int]]:
    """Return the counts of each scenario in the recap; ValueError when there is none."""
    if HEADING not in lines:
        raise ValueError("the output has no SCENARIO RECAP: the run did not come to its end")
    return check_recap.rows(lines[lines.index(HEADING) :])


def unsuccessful(found: dict[str, dict[str, int]], wanted: list[str]) -> list[str]:
    """Return what is wrong with the recap of the scenarios, a sentence each."""
    wrong = [f"{name}: it did not run" for name in wanted if name not in found]
    wrong += [f"{name}: nobody asked for it" for name in found if name not in wanted]
    for name, counts in found.items():
        if not 0 < counts.get("actions", 0) == counts.get("successful"):
            others = " ".join(f"{state}={count}" for state, count in counts.items() if state != "actions" and count)
            wrong.append(f"{name}: not each of its {counts.get('actions')} steps was successful: {others}")
    return wrong


def idle(lines: list[str]) -> list[str]:
    """Return which steps ran a playbook that did nothing, a sentence each."""
    starts = [number for number, line in enumerate(lines) if STEP.search(line) or line == HEADING]
    wrong = []
    for start, end in pairwise(starts):
        step, output = " ➜ ".join(STEP.search(lines[start]).groups()), lines[start:end]
        faults = check_recap.faults(check_recap.rows(output), unchanged=False)
        if NO_HOSTS in output:
            faults.append("a play matched no host")
        wrong += [f"{step}: {fault}" for fault in faults]
    return wrong


def main(arguments: list[str]) -> str | None:
    """Return the message of a failure."""
    file, *wanted = arguments
    output = check_recap.COLOURS.sub("", Path(file).read_text(encoding="utf-8"))
    lines = [line.strip(" │") for line in output.splitlines()]
    try:
        wrong = unsuccessful(scenarios(lines), wanted)
    except ValueError as error:
        wrong = [str(error)]
    return "; ".join(wrong + idle(lines)) or None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
