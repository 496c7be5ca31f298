# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of what the tests ran counts each statement once, and names what is too low."""

from __future__ import annotations

import coverage
import pytest

KUBE = "example.org/t/modules/internal/kube"
BUCKET = "example.org/t/modules/minio_tempo_bucket"


def test_statements_are_counted_once_whoever_ran_them():
    profile = f"mode: set\n{KUBE}/a.go:1.1,2.2 3 0\n{KUBE}/a.go:3.1,4.2 1 1\nmode: set\n{KUBE}/a.go:1.1,2.2 3 7\n"
    assert [(path.name, count) for path, count in coverage.files(profile).items()] == [("a.go", (4, 4))]


@pytest.mark.parametrize(
    ("lines", "status", "output", "error"),
    [
        pytest.param([f"{KUBE}/a.go:1.1,2.2 17 1", f"{KUBE}/b.go:1.1,2.2 3 0"], 0, "17/20     85.0 %", "", id="enough"),
        pytest.param(
            [f"{KUBE}/a.go:1.1,2.2 84 1", f"{KUBE}/b.go:1.1,2.2 16 0"],
            1,
            "  b.go",
            "modules/internal/kube: less than 85 % was run\n",
            id="too little of a package",
        ),
        pytest.param(
            [
                f"{BUCKET}/spec.go:1.1,2.2 9 1",
                f"{BUCKET}/plan_access.go:1.1,2.2 1 0",
                f"{BUCKET}/steps.go:1.1,2.2 99 0",
            ],
            0,
            "9/10     90.0 %",
            "",
            id="of a module only spec and plan",
        ),
        pytest.param(
            [f"{BUCKET}/spec.go:1.1,2.2 1 1", f"{BUCKET}/plan.go:1.1,2.2 1 0"],
            1,
            "  plan.go",
            "modules/minio_tempo_bucket: spec and plan: less than 85 % was run\n",
            id="too little of a module",
        ),
        pytest.param(
            [f"{BUCKET}/steps.go:1.1,2.2 1 1"], 1, "", "the profile has nothing that is looked for\n", id="nothing"
        ),
    ],
)
def test_the_table(tmp_path, capsys, lines, status, output, error):
    file = tmp_path / "coverage.out"
    file.write_text("\n".join(["mode: set", *lines, ""]))
    assert coverage.main(str(file)) == status
    printed = capsys.readouterr()
    assert output in printed.out
    assert printed.err == error


def test_a_file_that_is_no_profile_is_refused(tmp_path):
    file = tmp_path / "coverage.out"
    file.write_text("mode: set\noops\n")
    with pytest.raises(ValueError, match="a line that is none: 'oops'"):
        coverage.main(str(file))
