# SPDX-License-Identifier: AGPL-3.0-or-later
"""After a teardown that also removes the data: what was there before exists, and nothing else."""

import json

from cluster import BEFORE, everything, until

before = json.loads(BEFORE.read_text(encoding="utf-8"))["names"]


def test_there_is_what_was_there_before():
    # Kubernetes removes a namespace in the background.
    until("the namespace is gone", lambda: "namespaces -/tracing" not in everything())
    assert everything() == before
