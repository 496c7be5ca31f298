# SPDX-License-Identifier: AGPL-3.0-or-later
"""Repacks a collection's tarball, so that the same content gives the same bytes.

ansible-galaxy lists the files in the order of the file system, and records the time of the build.

Usage: repack.py TARBALL
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
from pathlib import Path

FILES, MANIFEST = "FILES.json", "MANIFEST.json"


def content(tarball: Path) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """Return the members by their names, each with what it holds."""
    found = {}
    with tarfile.open(tarball) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.isreg() else None
            found[member.name] = (member, file.read() if file else b"")
    return found


def written(document: dict) -> bytes:
    """Return a document as bytes, independent of the order of its keys."""
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def in_order(files: bytes, manifest: bytes) -> tuple[bytes, bytes]:
    """Return the list of files in the order of their names, and the manifest with the checksum of that list."""
    listed, about = json.loads(files), json.loads(manifest)
    listed["files"].sort(key=lambda row: row["name"])
    files = written(listed)
    about["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files).hexdigest()
    return files, written(about)


def packed(members: dict[str, tuple[tarfile.TarInfo, bytes]], seconds: int) -> bytes:
    """Return the members as a tarball, all with the same time and owner."""
    raw = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=seconds) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name in sorted(members, key=lambda name: (name not in (MANIFEST, FILES), name)):
            old, data = members[name]
            member = tarfile.TarInfo(name)
            member.type, member.mode, member.linkname = old.type, old.mode, old.linkname
            member.size, member.mtime = len(data), seconds
            archive.addfile(member, io.BytesIO(data))
    return raw.getvalue()


def main(path: str) -> None:
    """Replace the tarball."""
    tarball = Path(path)
    members = content(tarball)
    (files, listed), (manifest, about) = members[FILES], members[MANIFEST]
    listed, about = in_order(listed, about)
    members |= {FILES: (files, listed), MANIFEST: (manifest, about)}
    tarball.write_bytes(packed(members, int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))


if __name__ == "__main__":
    main(*sys.argv[1:])
