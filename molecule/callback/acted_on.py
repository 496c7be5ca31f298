# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails a run in which a play matches no host; Ansible itself would skip that play and succeed."""

from __future__ import annotations

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: acted_on
type: aggregate
short_description: fails when a play matches no host
description: Ends ansible-playbook with status 1 when a play matches no host.
"""


class CallbackModule(CallbackBase):
    """Ends the run with an error."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "acted_on"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_no_hosts_matched(self):
        """Ansible turns any Exception in a callback into a warning; SystemExit is not one."""
        raise SystemExit("a play of this scenario matches no host")
