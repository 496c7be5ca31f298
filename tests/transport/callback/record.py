# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the result of every task as one line of JSON to the file that RECORD_FILE names."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: writes results for tests
description: Writes the result of every task as one line of JSON to the file that RECORD_FILE names.
"""


class CallbackModule(CallbackBase):
    """Records ok, failed and unreachable results."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def _record(self, result, **_more):
        found = getattr(result, "result", None) or result._result  # pylint: disable=protected-access
        with Path(os.environ["RECORD_FILE"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(found, default=str) + "\n")

    v2_runner_on_ok = _record
    v2_runner_on_failed = _record
    v2_runner_on_unreachable = _record
