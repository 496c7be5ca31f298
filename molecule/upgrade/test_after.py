# SPDX-License-Identifier: AGPL-3.0-or-later
"""After the teardown that was told to take the data too: there is what was there before, and nothing else."""

import json

from cluster import BEFORE, everything, until

before = json.loads(BEFORE.read_text(encoding="utf-8"))["names"]


def test_there_is_what_was_there_before():
    # Kubernetes removes a namespace in the background.
    until("the namespace is gone", lambda: "namespaces -/tracing" not in everything())
    assert everything() == before
