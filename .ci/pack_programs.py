#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pack built programs with xz and list them in programs.json, as the collection's transport expects them.

Usage: pack_programs.py CACHE FOLDER ARCHITECTURE=PROGRAM...

CACHE keeps what was packed before: packing takes half a minute for each program.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Jump addresses of x86-64 code repeat better after the x86 filter, which every liblzma unpacks. The one for arm64
# needs liblzma 5.4, which Debian 11 and Ubuntu 22.04 do not have.
BRANCH_FILTERS = {"amd64": [{"id": lzma.FILTER_X86}]}
LZMA2 = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}


def packed(cache: Path, architecture: str, content: bytes) -> Path:
    """Return the packed content, which a cache keyed by it may hold already."""
    place = cache / f"{architecture}-{hashlib.sha256(content).hexdigest()}.xz"
    if not place.exists():
        print(f"packing the program for linux/{architecture}", flush=True)
        part = place.with_suffix(f".{os.getpid()}")
        part.write_bytes(lzma.compress(content, filters=[*BRANCH_FILTERS.get(architecture, []), LZMA2]))
        part.rename(place)
    return place


def pack(cache: Path, folder: Path, architecture: str, program: Path) -> dict:
    """Write FOLDER/tracing-modules-linux-ARCHITECTURE.xz and return its row of programs.json."""
    content = program.read_bytes()
    file = folder / f"tracing-modules-linux-{architecture}.xz"
    shutil.copyfile(packed(cache, architecture, content), file)
    print(f"{file.name}: {len(content):,} bytes packed to {file.stat().st_size:,}", flush=True)
    return {
        "architecture": architecture,
        "file": file.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }


def main(cache: Path, folder: Path, programs: dict[str, Path]) -> None:
    """Pack all programs, side by side."""
    cache.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("tracing-modules-*"):
        old.unlink()
    with ThreadPoolExecutor() as pool:  # lzma releases Python's lock
        rows = list(pool.map(lambda item: pack(cache, folder, *item), sorted(programs.items())))
    (folder / "programs.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    named = {name: Path(path) for name, path in (item.split("=", 1) for item in sys.argv[3:])}
    main(Path(sys.argv[1]), Path(sys.argv[2]), named)
