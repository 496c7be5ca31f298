# SPDX-License-Identifier: AGPL-3.0-or-later
"""What comes back from the managed host."""

from __future__ import annotations

import base64
import json
import re
import shlex
from urllib.parse import quote

import pytest
from ansible_collections.picluster.tracing.plugins.plugin_utils import answer


def reply(stdout: str = "", stderr: str = "", rc: int = 0) -> dict:
    return {"stdout": stdout, "stderr": stderr, "rc": rc}


@pytest.mark.parametrize(
    ("stdout", "expected"),
    [
        pytest.param("picluster.tracing: need abc /a folder\n", ("need", "abc /a folder"), id="word and detail"),
        pytest.param("picluster.tracing: installed\n\n", ("installed", ""), id="word alone"),
        pytest.param("welcome\npicluster.tracing: installed\n", ("installed", ""), id="noise before"),
        pytest.param('picluster.tracing: need a b\n{"changed": true}\n', ("", ""), id="only the last line counts"),
        pytest.param("", ("", ""), id="nothing"),
    ],
)
def test_script_answer(stdout, expected):
    assert answer.script_answer(reply(stdout)) == expected


def test_result_is_the_last_line():
    found = answer.result(reply('noise\n{"changed": true, "_ansible_facts_cacheable": 1}\n', rc=1), "module", [])
    assert found == {"changed": True}


@pytest.mark.parametrize("stdout", ["", "no JSON", '["a list"]', '{"changed": true}\nnoise', "{", "null"])
def test_anything_else_is_a_failure(stdout):
    found = answer.result(reply(stdout, stderr="sh: hush: not found", rc=127), "picluster.tracing.tempo_helm", ["hush"])
    assert found["failed"] is True
    assert found["msg"] == (
        "run picluster.tracing.tempo_helm on the managed host: it ended with exit status 127 and without a result"
    )
    assert "picluster_tracing_verify: true" in found["hint"], "a damaged program may end without a result"
    assert found["rc"] == 127
    assert found["module_stderr"] == "sh: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER: not found"


def test_long_output_is_cut_in_the_middle():
    found = answer.result(reply(stderr="a" * 3000 + "b" * 3000, rc=2), "module", [])
    assert found["module_stderr"] == "a" * 2000 + "\n[2000 characters left out]\n" + "b" * 2000


def test_progress():
    found = answer.progress(reply(stderr="progress: 1 of 2\nWarning: x\nprogress: 2 of 2\nno progress: 3\n"))
    assert found == ["1 of 2", "2 of 2"]


def test_the_longest_secret_is_masked_first():
    assert answer.masked("secretive secret", ["secret", "secretive"]) == " ".join([answer.MASK] * 2)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(json.dumps, id="JSON"),
        pytest.param(lambda s: base64.b64encode(s.encode()).decode(), id="base64"),
        pytest.param(lambda s: base64.b64encode(b"u:" + s.encode()).decode(), id="base64 of a login"),
        pytest.param(lambda s: base64.b64encode(b"me:" + s.encode()).decode(), id="base64 of another login"),
        pytest.param(lambda s: quote(s, safe=""), id="URL"),
        pytest.param(
            lambda s: re.sub("%..", lambda found: found[0].lower(), quote(s, safe="")), id="URL in small letters"
        ),
        pytest.param(shlex.quote, id="shell"),
        pytest.param(lambda s: s.replace("\n", "\n    "), id="indented"),
    ],
)
def test_a_secret_is_masked_in_the_forms_of_other_programs(form):
    secret = 'hunter2 "it\'s"/+?\nand its second line'
    text = answer.masked(f"panic: {form(secret)} was refused", [secret])
    assert answer.MASK in text
    assert len(text) < len(answer.MASK) * 2 + 60
    for word in ("hunter2", "second", base64.b64encode(b"hunter2 ").decode()[:10]):
        assert word not in text
