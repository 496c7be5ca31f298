#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Print how much of the Go code the tests ran, and fail where it is too little.

Usage: coverage.py PROFILE

PROFILE is what "go test -coverprofile" wrote, of any number of packages: a statement counts as run when the tests of
one of them ran it. Of the packages below modules/internal each file is in the table and the package as a whole has to
reach the limit; of a module's package spec.go and plan*.go, together.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import NamedTuple

LIMIT = 85.0
BLOCK = re.compile(r"^\S*?/(modules/\S+\.go):(\S+) (\d+) (\d+)$")
PLANNING = re.compile(r"^(spec|plan\w*)\.go$")


class Count(NamedTuple):
    """Statements: those that ran, and all."""

    ran: int
    all: int

    @property
    def percent(self) -> float:
        """The share that ran."""
        return 100 * self.ran / self.all if self.all else 100.0


def files(profile: str) -> dict[PurePosixPath, Count]:
    """Return the count of each file in a profile; ValueError for an invalid line."""
    blocks: dict[tuple[str, str], tuple[int, bool]] = {}
    for line in profile.splitlines():
        if line.startswith("mode:"):
            continue
        if not (match := BLOCK.match(line)):
            raise ValueError(f"the profile has a line that is none: {line!r}")
        file, place, statements, times = match.groups()
        _same, before = blocks.get((file, place), (0, False))
        blocks[file, place] = int(statements), before or int(times) > 0
    counts: dict[PurePosixPath, Count] = defaultdict(lambda: Count(0, 0))
    for (file, _place), (statements, ran) in blocks.items():
        ran_before, all_before = counts[PurePosixPath(file)]
        counts[PurePosixPath(file)] = Count(ran_before + ran * statements, all_before + statements)
    return dict(counts)


def groups(counts: dict[PurePosixPath, Count]) -> dict[str, dict[str, Count]]:
    """Return what has to reach the limit, by its name, with the files in it."""
    found: dict[str, dict[str, Count]] = defaultdict(dict)
    for path, count in sorted(counts.items()):
        if "internal" in path.parts:
            found[str(path.parent)][path.name] = count
        elif PLANNING.match(path.name):
            found[f"{path.parent}: spec and plan"][path.name] = count
    return dict(found)


def total(members: dict[str, Count]) -> Count:
    """Return the sum."""
    return Count(sum(count.ran for count in members.values()), sum(count.all for count in members.values()))


def row(name: str, count: Count) -> str:
    """Return a line of the table."""
    return f"{name:<44} {count.ran:>5}/{count.all:<5} {count.percent:5.1f} %"


def main(profile: str) -> int:
    """Print the table; return the exit status."""
    found = groups(files(Path(profile).read_text()))
    low = []
    for name, members in found.items():
        print(row(name, total(members)))
        for file, count in members.items():
            print(row(f"  {file}", count))
        if total(members).percent < LIMIT:
            low.append(name)
    for name in low:
        print(f"{name}: less than {LIMIT:g} % was run", file=sys.stderr)
    if not found:
        print("the profile has nothing that is looked for", file=sys.stderr)
    return 1 if low or not found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
