#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pack built programs with xz and list them in programs.json, as the collection's transport expects them.

Usage: pack_programs.py CACHE FOLDER PRESET ARCHITECTURE=PROGRAM...

CACHE keeps what was packed before. PRESET is xz's: 9 takes most of a minute for each program, and what is published
uses it; 0 takes six seconds, and a fifth more room.
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

_PLUGIN = Path(__file__).parents[1] / "plugins" / "plugin_utils" / "arm64.py"
_spec = importlib.util.spec_from_file_location("arm64", _PLUGIN)
arm64 = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(arm64)


def filters(preset: int) -> list[dict]:
    """Return xz's filters. That for x86 branches saves half a megabyte; every liblzma since 5.0 can undo it."""
    return [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": preset, "dict_size": WINDOW}]


def packed(cache: Path, content: bytes, preset: int) -> Path:
    """Return the packed content, which a cache keyed by it and by how it is packed may hold already."""
    how = filters(preset)
    place = cache / f"{hashlib.sha256(repr(how).encode() + content).hexdigest()}.xz"
    if not place.exists():
        part = place.with_suffix(f".{os.getpid()}")
        part.write_bytes(lzma.compress(content, filters=how))
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


def main(cache: Path, folder: Path, preset: int, programs: dict[str, Path]) -> None:
    """Write FOLDER/tracing-modules-linux.xz and FOLDER/programs.json."""
    cache.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"packing the programs for {' and '.join(sorted(programs))}", flush=True)
    found, joined = rows(programs)
    file = folder / found[0]["file"]
    shutil.copyfile(packed(cache, joined, preset), file)
    print(f"{file.name}: {len(joined):,} bytes packed to {file.stat().st_size:,}", flush=True)
    (folder / "programs.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    named = {name: Path(path) for name, path in (item.split("=", 1) for item in sys.argv[4:])}
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), named)
