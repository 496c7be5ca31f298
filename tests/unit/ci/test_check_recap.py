# SPDX-License-Identifier: AGPL-3.0-or-later
"""The check of the demo's recap must not be fooled."""

from __future__ import annotations

import check_recap
import pytest

CHANGED = "pi1 : ok=9 changed=4 unreachable=0 failed=0 skipped=1 rescued=0 ignored=0"
QUIET = "pi1                        : ok=9    changed=0    unreachable=0    failed=0    skipped=1    rescued=0   "
IDLE = "pi2 : ok=0 changed=0 unreachable=0 failed=0 skipped=9 rescued=0 ignored=0"
FAILED = "pi2 : ok=3 changed=0 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0"
LOST = "pi2 : ok=1 changed=0 unreachable=1 failed=0 skipped=0 rescued=0 ignored=0"
HEADING = "PLAY RECAP " + "*" * 69


@pytest.mark.parametrize(
    ("rows", "unchanged", "message"),
    [
        pytest.param([HEADING, QUIET], True, None, id="quiet"),
        pytest.param([HEADING, CHANGED], False, None, id="changes are welcome in the first run"),
        pytest.param([HEADING, CHANGED], True, "pi1: changed=4, not 0", id="but not in the second"),
        pytest.param([HEADING, CHANGED, "", HEADING, QUIET], True, None, id="the last recap counts"),
        pytest.param([HEADING, QUIET, FAILED], True, "pi2: failed=1, not 0", id="one of two failed"),
        pytest.param([HEADING, QUIET, LOST], True, "pi2: unreachable=1, not 0", id="one of two unreachable"),
        pytest.param([HEADING, QUIET, IDLE], True, "pi2: nothing was done", id="nothing done is no success"),
        pytest.param([HEADING], True, "no host was acted on", id="no host"),
        pytest.param([QUIET], True, "the output has no PLAY RECAP: the run did not come to its end", id="no recap"),
        pytest.param(
            [HEADING, "pi1 : ok=9"],
            True,
            "pi1: failed=None, not 0; pi1: unreachable=None, not 0; pi1: changed=None, not 0",
            id="a count is missing",
        ),
        pytest.param([HEADING, QUIET, "oops"], True, "the recap has a line that is none: 'oops'", id="unknown line"),
        pytest.param([HEADING, f"\x1b[0;32m{QUIET}\x1b[0m"], True, None, id="colours"),
    ],
)
def test_recap(tmp_path, rows, unchanged, message):
    file = tmp_path / "log"
    file.write_text("TASK [x] ***\nok: [pi1]\n\n" + "\n".join(rows) + "\n")
    assert check_recap.main([*(["--unchanged"] if unchanged else []), str(file)]) == message
