# SPDX-License-Identifier: AGPL-3.0-or-later
"""After a step of the upgrade a second run changes nothing."""

import os

from cluster import play, unchanged


def test_a_second_run_changes_nothing():
    done = play("site", "--extra-vars", f"tempo_distributed_chart_version={os.environ['EXPECTED_CHART']}")
    assert unchanged(done), done.stdout
