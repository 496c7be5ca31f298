#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Print what the Go program is made of, as SPDX 2.3 in JSON: each module that it links, with its version.

Usage: sbom.py PACKAGE VERSION

The same sources give the same document: its date is SOURCE_DATE_EPOCH, or the beginning of time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timezone

import third_party_notices

NAME = "picluster.tracing"
UNKNOWN = "NOASSERTION"


def modules(packages: Iterable[dict]) -> dict[str, str]:
    """Return the versions of the linked modules, without our own, as they were built: a replacement counts."""
    found = {}
    for package in packages:
        module = package.get("Module", {})
        if not package.get("Standard") and not module.get("Main"):
            source = module.get("Replace", module)
            found[source["Path"]] = source["Version"]
    return found


def identifier(name: str) -> str:
    """Return the name as SPDX takes it: letters, digits, dots and hyphens."""
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def part(name: str, version: str, licence: str = UNKNOWN, purl: str = "") -> dict:
    """Return one package."""
    row = {
        "SPDXID": identifier(name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": False,
        "licenseConcluded": licence,
        "licenseDeclared": licence,
        "copyrightText": UNKNOWN,
    }
    if purl:
        row["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        ]
    return row


def document(found: dict[str, str], version: str, go: str, seconds: int) -> dict:
    """Return the whole document. The texts of the licences are in THIRD_PARTY_NOTICES.txt beside it."""
    linked = [part(name, number, purl=f"pkg:golang/{name}@{number}") for name, number in sorted(found.items())]
    linked.append(part("go", go, "BSD-3-Clause", f"pkg:golang/std@{go.removeprefix('go')}"))
    own = part(NAME, version, "AGPL-3.0-or-later")
    digest = hashlib.sha256(json.dumps([own, *linked]).encode()).hexdigest()[:16]
    links = [(own["SPDXID"], "DEPENDS_ON", row["SPDXID"]) for row in linked]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{NAME}-{version}",
        "documentNamespace": f"https://github.com/picluster/tracing/spdx/{version}-{digest}",
        "creationInfo": {
            "created": datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Organization: {NAME}", "Tool: sbom.py"],
        },
        "packages": [own, *linked],
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
            for one, kind, other in [("SPDXRef-DOCUMENT", "DESCRIBES", own["SPDXID"]), *links]
        ],
    }


def main(package: str, version: str) -> None:
    """Print the document."""
    go = subprocess.run(["go", "env", "GOVERSION"], check=True, capture_output=True, text=True).stdout.strip()
    found = modules(third_party_notices.linked(package))
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    print(json.dumps(document(found, version, go, seconds), indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
