# SPDX-License-Identifier: AGPL-3.0-or-later
"""No scenario is forgotten, and none names a missing playbook: Molecule would skip it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
SCENARIOS = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml"))
USES_ANOTHER = {"check": "converge", "idempotence": "converge"}


def test_all_scenarios_are_known():
    assert SCENARIOS == ["cluster", "default", "pipeline", "raspberrypi", "upgrade"]


def test_make_test_runs_every_scenario():
    checks = (ROOT / ".ci" / "checks").read_text(encoding="utf-8").splitlines()
    assert [name for name in SCENARIOS if checks.count(name) != 1] == ["cluster"]
    inside = (ROOT / "molecule" / "upgrade" / "cluster.yml").read_text(encoding="utf-8")
    assert "[.ci/run_molecule, cluster]" in inside, "on the lab of another scenario"
    upgrade = yaml.safe_load((ROOT / "molecule" / "upgrade" / "molecule.yml").read_text(encoding="utf-8"))
    assert "side_effect cluster.yml" in upgrade["scenario"]["test_sequence"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_step_has_its_playbook(scenario):
    folder = ROOT / "molecule" / scenario
    config = yaml.safe_load((folder / "molecule.yml").read_text(encoding="utf-8"))
    sequence, playbooks = config["scenario"]["test_sequence"], config["ansible"]["playbooks"]
    assert sequence[0] == sequence[-1] == "destroy", "nothing is left, neither before nor after"
    for step in sequence:
        action, *files = step.split()
        for file in files or [playbooks[USES_ANOTHER.get(action, action)]]:
            assert (folder / file).is_file(), f"{step}: no {file}"
