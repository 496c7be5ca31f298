# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the work tree importable as the collection ansible_collections.picluster.tracing."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pytest_configure(config) -> None:
    """Put a folder with a link to the work tree on Python's path."""
    folder = tempfile.TemporaryDirectory(prefix="collections.")
    config.add_cleanup(folder.cleanup)
    namespace = Path(folder.name) / "ansible_collections" / "picluster"
    namespace.mkdir(parents=True)
    (namespace / "tracing").symlink_to(ROOT)
    sys.path[:0] = [folder.name, str(ROOT / ".ci")]
