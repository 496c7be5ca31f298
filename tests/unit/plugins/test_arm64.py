# SPDX-License-Identifier: AGPL-3.0-or-later
"""The conversion that makes the packed program smaller must be undone to the last bit."""

from __future__ import annotations

import random
import struct

import pytest
from ansible_collections.picluster.tracing.plugins.plugin_utils import arm64

NOP = 0xD503201F


def code(*words: int) -> bytes:
    return struct.pack(f"<{len(words)}I", *words)


def test_two_calls_of_one_function_become_equal():
    # Both call word 8: from word 1 over a distance of 7, from word 3 over a distance of 5.
    before = code(NOP, 0x94000007, NOP, 0x94000005)
    assert arm64.with_absolute_calls(before) == code(NOP, 0x94000008, NOP, 0x94000008)


def test_a_call_backwards_wraps_around():
    before = code(NOP, NOP, 0x97FFFFFF)  # from word 2 to word 1
    assert arm64.with_absolute_calls(before) == code(NOP, NOP, 0x94000001)


@pytest.mark.parametrize("length", [0, 1, 3, 4, 7, 4096, 4099])
def test_it_is_undone(length):
    anything = random.Random(length).randbytes(length)
    assert arm64.with_relative_calls(arm64.with_absolute_calls(anything)) == anything


def test_every_upper_byte_of_a_call_is_undone():
    calls = code(*[0x94000000 | (distance << 20) | distance for distance in range(64)])
    assert arm64.with_relative_calls(arm64.with_absolute_calls(calls)) == calls
