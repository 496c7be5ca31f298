# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lets the tests use the functions of the scenario default, which need no code of the collection."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "default"))
