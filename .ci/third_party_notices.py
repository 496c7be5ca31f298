#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Print the licences and notices of everything that is linked into the Go program.

Usage: third_party_notices.py PACKAGE

The packages of each Go module that the program links are searched for licence files, from their own folder up to the
module's root. A module without one is an error: nobody may ship it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = re.compile(r"^(licen[cs]e|copying|notice|patents|authors)([.-].*)?$", re.IGNORECASE)
GRANTS = re.compile(r"^(licen[cs]e|copying)", re.IGNORECASE)
ARCHITECTURES = ("amd64", "arm64")
RULE = "=" * 100
# Some copies of a licence are typeset. Ansible's sanity tests accept only ASCII quotes; the words stay as they are.
PLAIN_QUOTES = str.maketrans({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})


def linked(package: str) -> Iterator[dict]:
    """Yield every package that the program links on any architecture, as "go list -json" lists it."""
    for architecture in ARCHITECTURES:
        environment = {**os.environ, "GOOS": "linux", "GOARCH": architecture, "CGO_ENABLED": "0"}
        command = ["go", "list", "-deps", "-json=Dir,ImportPath,Standard,Module", package]
        text = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        decoder = json.JSONDecoder()
        while text := text.lstrip():
            row, end = decoder.raw_decode(text)
            text = text[end:]
            yield row


def licence_files(packages: Iterator[dict]) -> dict[str, set[Path]]:
    """Return the licence files by "module version"; our own module needs none here."""
    found: dict[str, set[Path]] = {}
    for package in packages:
        module = package.get("Module", {})
        if package.get("Standard") or module.get("Main"):
            continue
        source = module.get("Replace", module)
        files = found.setdefault(f"{module['Path']} {source['Version']}", set())
        root, folder = Path(source["Dir"]), Path(package["Dir"])
        for place in (folder, *folder.parents):
            files.update(file for file in place.iterdir() if NAMES.match(file.name) and file.is_file())
            if place == root:
                break
    return found


def notices(found: dict[str, set[Path]], go_licence: str) -> str:
    """Return the whole text; modules with the same licence file share it. ValueError names modules without one."""
    bare = [module for module, files in found.items() if not any(GRANTS.match(file.name) for file in files)]
    if bare:
        raise ValueError(f"no licence file in {', '.join(sorted(bare))}")
    texts: dict[str, set[str]] = {go_licence: {"Go standard library and runtime"}}
    for module, files in found.items():
        for file in files:
            texts.setdefault(file.read_text(encoding="utf-8", errors="replace").strip(), set()).add(module)
    parts = [f"{RULE}\n" + "\n".join(sorted(modules)) + f"\n{RULE}\n\n{text}\n" for text, modules in texts.items()]
    whole = "The program of picluster.tracing links the following software.\n\n" + "\n".join(sorted(parts))
    return whole.translate(PLAIN_QUOTES)


def main(package: str) -> None:
    """Print the notices."""
    root = subprocess.run(["go", "env", "GOROOT"], check=True, capture_output=True, text=True).stdout.strip()
    go_licence = (Path(root) / "LICENSE").read_text(encoding="utf-8").strip()
    print(notices(licence_files(linked(package)), go_licence), end="")


if __name__ == "__main__":
    main(sys.argv[1])
