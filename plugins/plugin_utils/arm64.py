# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""Calls in arm64 code with absolute targets, which makes a packed program a tenth smaller.

An instruction BL holds the distance to its target, so two calls of the same function differ. With the target's
address instead of the distance they are equal, and xz finds them (the idea of its own branch filters). The one for
arm64 needs liblzma 5.4 to unpack, which Debian 11 and Ubuntu 22.04 do not have: hence this.
"""

from __future__ import annotations

import re
import sys
from array import array

# BL: the upper six bits are 100101, the lower 26 the distance in words (Arm Architecture Reference Manual, C6.2, BL).
CALL = 0x94000000
DISTANCE = 0x03FFFFFF
FIRST_BYTE = re.compile(rb"[\x94-\x97]")


def with_absolute_calls(code: bytes) -> bytes:
    """Return the code with the target's address in each call; what looks like a call elsewhere changes too."""
    return _shifted(code, 1)


def with_relative_calls(code: bytes) -> bytes:
    """Undo with_absolute_calls."""
    return _shifted(code, -1)


def _shifted(code: bytes, direction: int) -> bytes:
    end = len(code) // 4 * 4
    words = array("I", code[:end])
    if sys.byteorder == "big":
        words.byteswap()
    # The upper bits identify a call and do not change, so the same words are found when this is undone.
    for match in FIRST_BYTE.finditer(code[3:end:4]):
        place = match.start()
        words[place] = CALL | ((words[place] + direction * place) & DISTANCE)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes() + code[end:]
