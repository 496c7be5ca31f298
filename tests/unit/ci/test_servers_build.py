# SPDX-License-Identifier: AGPL-3.0-or-later
"""No server is built for "make stack" that its tests do not run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[3] / "molecule" / "lab" / "servers" / "build"

GO = """#!/bin/sh
out=
for word in "$@"; do
    [ "$out" != next ] || out=$word
    [ "$word" != -o ] || out=next
done
echo "$PWD" >"$out"
"""


@pytest.mark.parametrize(
    ("brings", "names", "built"),
    [
        pytest.param({}, [], {"tempo": "tempo", "labloki": "lab", "prometheus": "prometheus"}, id="the lab's own"),
        pytest.param(
            {"LAB_TEMPO": "/opt/tempo"}, [], {"labloki": "lab", "prometheus": "prometheus"}, id="somebody's Tempo"
        ),
        pytest.param(
            {"LAB_PROMETHEUS": "/opt/prometheus"}, [], {"tempo": "tempo", "labloki": "lab"}, id="somebody's Prometheus"
        ),
        pytest.param(
            {"LAB_LOKI": "/opt/loki", "LAB_TEMPO": "/opt/tempo", "LAB_PROMETHEUS": "/opt/prometheus"},
            [],
            {},
            id="all of them",
        ),
        pytest.param({}, ["tempo", "weed"], {"tempo": "tempo", "weed": "seaweedfs"}, id="for another store"),
        pytest.param({"LAB_TEMPO": "/opt/tempo"}, ["tempo", "otelcol"], {"otelcol": "otelcol"}, id="for a shipper"),
        pytest.param(
            {"LAB_OTELCOL": "/opt/otelcol"}, ["labloki", "otelcol"], {"labloki": "lab"}, id="somebody's Collector"
        ),
    ],
)
def test_what_is_built(tmp_path, brings, names, built):
    (tmp_path / "go").write_text(GO, encoding="utf-8")
    (tmp_path / "go").chmod(0o700)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
    environment |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "LAB_DIR": str(tmp_path / "lab")}
    # Traefik is downloaded, not built; here a person brings it.
    subprocess.run(
        [BUILD, *names], env=environment | {"LAB_TRAEFIK": "/opt/traefik"} | brings, check=True, capture_output=True
    )
    found = {
        path.name: Path(path.read_text(encoding="utf-8").strip()).name
        for path in (tmp_path / "lab" / "bin").iterdir()
        if not path.suffix
    }
    assert found == built


def test_a_name_that_is_none(tmp_path):
    done = subprocess.run(
        [BUILD, "minio"], env=os.environ | {"LAB_DIR": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "build: there is no minio\n")
