# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin of picluster.tracing.linkerd_tracing."""

from __future__ import annotations

from ansible_collections.picluster.tracing.plugins.plugin_utils.transport import Transport


class ActionModule(Transport):
    """Runs linkerd_tracing on the managed host."""
