#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Draw site.json as a picture: how long a warm run takes, each row relative to Ansible's minimum for as many tasks.

Usage: plot.py SITE.JSON PICTURE.SVG
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from xml.sax.saxutils import escape

# Rows of site.json and their titles, from the top.
BARS = {
    "floor-ssh": "raw tasks, as many as the site has modules",
    "flat-ssh": "the same modules in a flat play",
    "controller-ssh": "raw tasks, and the controller's own beside them",
    "site-ssh": "picluster.tracing.site",
    "peers-ssh": "the same with other collections",
}
WIDTH, LEFT, HIGH = 760, 330, 30
STYLE = "text{font:13px sans-serif;fill:#57606a}rect{fill:#2f81f7}rect.floor{fill:#8b949e}"


def bars(rows: dict) -> list[tuple[str, str, float]]:
    """Return row, name, and how many times the floor's time each measured row takes."""
    least = statistics.median(rows["floor-ssh"]["wall"])
    return [(row, name, statistics.median(rows[row]["wall"]) / least) for row, name in BARS.items() if row in rows]


def picture(kept: dict) -> str:
    """Return the picture."""
    found = bars(kept["rows"])
    scale = (WIDTH - LEFT - 70) / max(value for _, _, value in found)
    lines = []
    for number, (row, name, value) in enumerate(found):
        top, length = 34 + number * HIGH, value * scale
        kind = ' class="floor"' if row == "floor-ssh" else ""
        lines += [
            f'<text x="{LEFT - 10}" y="{top + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect{kind} x="{LEFT}" y="{top}" width="{length:.1f}" height="20" rx="3"/>',
            f'<text x="{LEFT + length + 8:.1f}" y="{top + 15}">{value:.2f}</text>',
        ]
    height = 44 + len(found) * HIGH
    title = f"A run with nothing to do over ssh, medians of {kept['rounds']}, the floor is 1"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
            f"<style>{STYLE}</style>",
            f'<text x="10" y="20">{title}</text>',
            *lines,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(picture(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")
