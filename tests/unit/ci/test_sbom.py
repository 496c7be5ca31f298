# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bill of materials names what is linked, and nothing else."""

from __future__ import annotations

import re

import sbom

PACKAGES = [
    {"Standard": True, "ImportPath": "fmt"},
    {"Module": {"Path": "github.com/picluster/tracing", "Main": True}},
    {"Module": {"Path": "example.org/One_Two", "Version": "v1.2.0"}},
    {"Module": {"Path": "example.org/One_Two", "Version": "v1.2.0"}},
    {
        "Module": {
            "Path": "example.org/old",
            "Version": "v1.0.0",
            "Replace": {"Path": "example.org/new", "Version": "v2.0.0"},
        }
    },
]


def test_linked_modules_are_named_once_and_as_they_were_built():
    assert sbom.modules(PACKAGES) == {"example.org/One_Two": "v1.2.0", "example.org/new": "v2.0.0"}


def test_the_document_holds_together():
    made = sbom.document(sbom.modules(PACKAGES), "1.1.0", "go1.26.0", 0)
    identifiers = [row["SPDXID"] for row in made["packages"]]
    assert len(identifiers) == len(set(identifiers)) == 4
    assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", name) for name in identifiers)
    related = [(row["relationshipType"], row["relatedSpdxElement"]) for row in made["relationships"]]
    assert related[0] == ("DESCRIBES", "SPDXRef-picluster.tracing")
    assert [name for kind, name in related if kind == "DEPENDS_ON"] == identifiers[1:]
    assert made["packages"][1]["externalRefs"][0]["referenceLocator"] == "pkg:golang/example.org/One_Two@v1.2.0"
    assert made["creationInfo"]["created"] == "1970-01-01T00:00:00Z"


def test_the_same_sources_give_the_same_document():
    found = sbom.modules(PACKAGES)
    assert sbom.document(found, "1.1.0", "go1.26.0", 5) == sbom.document(
        dict(reversed(found.items())), "1.1.0", "go1.26.0", 5
    )
    assert sbom.document(found, "1.1.0", "go1.26.0", 5) != sbom.document({**found, "a": "v1"}, "1.1.0", "go1.26.0", 5)
