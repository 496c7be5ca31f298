# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every task that ran as one line of JSON to the file that BENCH_TASKS names."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: tasks
type: aggregate
short_description: writes tasks for benchmarks
description: Writes action, arguments and size of the reply of every task that ran to the file that BENCH_TASKS names.
"""


def _field(result, name):
    """Read what ansible-core 2.19 made public."""
    return getattr(result, name, None) or getattr(result, f"_{name}")


class CallbackModule(CallbackBase):
    """Records tasks that were not skipped."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "tasks"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result):
        """Write the task with its arguments as they were templated."""
        fields = _field(result, "task_fields")
        row = {
            "action": fields["action"],
            "args": fields["args"],
            "check_mode": bool(fields.get("check_mode")),
            "reply": len(json.dumps(_field(result, "result"), default=str)),
        }
        descriptor = os.open(os.environ["BENCH_TASKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:  # arguments hold passwords
            file.write(json.dumps(row, default=str) + "\n")
