#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pack built programs with xz and list them in programs.json, as the collection's transport expects them.

Usage: pack_programs.py CACHE FOLDER ARCHITECTURE=PROGRAM...

CACHE keeps what was packed before: packing takes a minute for each program.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import lzma
import os
import shutil
import sys
from pathlib import Path

# One after the other: half of the second program repeats the first, from as far back as the first is large.
WINDOW = 128 << 20
# xz's filter for x86 branches saves half a megabyte on both programs together; every liblzma since 5.0 can undo it.
FILTERS = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": WINDOW}]

_PLUGIN = Path(__file__).parents[1] / "plugins" / "plugin_utils" / "arm64.py"
_spec = importlib.util.spec_from_file_location("arm64", _PLUGIN)
arm64 = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(arm64)


def packed(cache: Path, content: bytes) -> Path:
    """Return the packed content, which a cache keyed by it and by how it is packed may hold already."""
    place = cache / f"{hashlib.sha256(repr(FILTERS).encode() + content).hexdigest()}.xz"
    if not place.exists():
        part = place.with_suffix(f".{os.getpid()}")
        part.write_bytes(lzma.compress(content, filters=FILTERS))
        part.rename(place)
    return place


def rows(programs: dict[str, Path]) -> tuple[list[dict], bytes]:
    """Return the list of the programs and their joined content."""
    found, joined = [], b""
    for architecture, program in sorted(programs.items()):
        content = program.read_bytes()
        row = {"architecture": architecture, "file": "tracing-modules-linux.xz", "offset": len(joined)}
        found.append({**row, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
        joined += arm64.with_absolute_calls(content) if architecture == "arm64" else content
    return found, joined


def main(cache: Path, folder: Path, programs: dict[str, Path]) -> None:
    """Write FOLDER/tracing-modules-linux.xz and FOLDER/programs.json."""
    cache.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"packing the programs for {' and '.join(sorted(programs))}", flush=True)
    found, joined = rows(programs)
    file = folder / found[0]["file"]
    shutil.copyfile(packed(cache, joined), file)
    print(f"{file.name}: {len(joined):,} bytes packed to {file.stat().st_size:,}", flush=True)
    (folder / "programs.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    named = {name: Path(path) for name, path in (item.split("=", 1) for item in sys.argv[3:])}
    main(Path(sys.argv[1]), Path(sys.argv[2]), named)
