# SPDX-License-Identifier: AGPL-3.0-or-later
"""Molecule accepts a step that did nothing; check_molecule does not."""

from __future__ import annotations

import check_molecule
import pytest

CREATE = "\x1b[36mINFO    \x1b[0m \x1b[32mdefault\x1b[0m ➜ \x1b[33mcreate\x1b[0m: \x1b[36mExecuting\x1b[0m"
VERIFY = "INFO     default ➜ verify: Executing"
DONE = "  \x1b[2m│\x1b[0m \x1b[0;32mpi1\x1b[0m    : \x1b[0;32mok=9   \x1b[0m changed=4    unreachable=0    failed=0"
IDLE = "  │ pi1         : ok=0    changed=0    unreachable=0    failed=0    skipped=3"
UNMATCHED = "  │ skipping: no hosts matched"
RECAP = "\x1b[1m\x1b[4mSCENARIO RECAP                       \x1b[0m"
GOOD = "\x1b[32mdefault    \x1b[0m: \x1b[33mactions=2\x1b[0m  successful=2  disabled=0  skipped=0  missing=0  failed=0"
MISSING = "default : actions=2  successful=1  disabled=0  skipped=0  missing=1  failed=0"
NOTHING = "default : actions=0  successful=0  disabled=0  skipped=0  missing=0  failed=0"
ANOTHER = "another : actions=1  successful=1  disabled=0  skipped=0  missing=0  failed=0"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param([CREATE, DONE, VERIFY, DONE, RECAP, GOOD], None, id="good"),
        pytest.param(
            [CREATE, DONE, RECAP, MISSING],
            "default: not each of its 2 steps was successful: successful=1 missing=1",
            id="a playbook is missing",
        ),
        pytest.param([RECAP, NOTHING], "default: not each of its 0 steps was successful: ", id="no step"),
        pytest.param(
            [CREATE, UNMATCHED, DONE, VERIFY, DONE, RECAP, GOOD],
            "default ➜ create: a play matched no host",
            id="one of several plays without a host",
        ),
        pytest.param(
            [CREATE, DONE, VERIFY, RECAP, GOOD], "default ➜ verify: no host was acted on", id="no host in any play"
        ),
        pytest.param(
            [CREATE, DONE, VERIFY, IDLE, RECAP, GOOD], "default ➜ verify: pi1: nothing was done", id="all tasks skipped"
        ),
        pytest.param(
            [CREATE, DONE, RECAP, ANOTHER],
            "default: it did not run; another: nobody asked for it",
            id="another scenario",
        ),
        pytest.param([CREATE, DONE], "the output has no SCENARIO RECAP: the run did not come to its end", id="no end"),
    ],
)
def test_molecule(tmp_path, lines, message):
    file = tmp_path / "log"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert check_molecule.main([str(file), "default"]) == message
