# SPDX-License-Identifier: AGPL-3.0-or-later
"""What upgrades of Tempo do to cluster and bucket; no code of the collection.

Usage: moves.py revision | jobs COUNT | expire FORMAT
"""

from __future__ import annotations

import json
import re
import sys
import time
from urllib.parse import quote

import chain
from servers import kubernetes, releases, root, s3

BUCKET = "/k3s-tempo"
JOB = "tempo-verify-config-"


def revision() -> str:
    """The newest revision of the release, and its chart."""
    newest = max(releases("tracing"), key=lambda release: release["version"])
    return f"{newest['version']} {newest['chart']['metadata']['name']}-{newest['chart']['metadata']['version']}"


def jobs() -> int:
    """How many Jobs have been made to read a configuration."""
    events = kubernetes("/api/v1/namespaces/tracing/events")[1]["items"]
    created = [event for event in events if event["reason"] == "SuccessfulCreate"]
    return len([event for event in created if event["involvedObject"]["name"].startswith(JOB)])


def nothing_left() -> bool:
    """Whether those Jobs and their pods are gone."""
    paths = ("/apis/batch/v1/namespaces/tracing/jobs", "/api/v1/namespaces/tracing/pods")
    names = [item["metadata"]["name"] for path in paths for item in kubernetes(path)[1]["items"]]
    return not any(name.startswith(JOB) for name in names)


def listed(folder: str = "") -> list[str]:
    """What the bucket holds in a folder."""
    status, _blank, page = s3(f"{BUCKET}?list-type=2&prefix={quote(folder, safe='')}", root()).partition(" ")
    if status != "200" or "<IsTruncated>false" not in page:
        raise SystemExit(f"the bucket is not listed: {status} {page[-300:]}")
    return re.findall(r"<Key>([^<]+)</Key>", page)


def stored(block_format: str) -> list[str]:
    """The folders of the blocks of a format."""
    metas = [key for key in listed() if key.endswith("/meta.json")]
    # One that is merged meanwhile is gone.
    found = {key: s3(f"{BUCKET}/{key}", root()).partition(" ") for key in metas}
    formats = {key: json.loads(meta)["format"] for key, (status, _blank, meta) in found.items() if status == "200"}
    return [key.removesuffix("meta.json") for key, its in formats.items() if its == block_format]


def expire(block_format: str) -> int:
    """Delete the blocks of a format, as retention does after days, and what merges of them leave meanwhile."""
    count, quiet = 0, 0
    while quiet < 3:
        folders = stored(block_format)
        for folder in folders:
            for key in listed(folder):
                s3(f"{BUCKET}/{key}", root(), "--request", "DELETE")
        count, quiet = count + len(folders), 0 if folders else quiet + 1
        time.sleep(3)
    return count


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    match arguments:
        case ["revision"]:
            print(revision())
        case ["jobs", count]:
            chain.await_that(f"{count} jobs", lambda: jobs() == int(count))
            chain.await_that("the end of all jobs", nothing_left)
        case ["expire", block_format]:
            print(expire(block_format))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
