# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is sent to the program."""

from __future__ import annotations

import subprocess
import sys
import types
from datetime import date, datetime, timezone

import pytest
from ansible.errors import AnsibleError
from ansible_collections.picluster.tracing.plugins.plugin_utils import request


class Vaulted:
    """Behaves as a vaulted value up to ansible-core 2.18: not a str, but converts to one."""

    def __str__(self) -> str:
        return "clear text"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(Vaulted(), '"clear text"', id="a vaulted value is decrypted"),
        pytest.param(date(2022, 11, 19), '"2022-11-19"', id="YAML reads bare dates as dates"),
        pytest.param(datetime(2022, 11, 19, 12, 0, tzinfo=timezone.utc), '"2022-11-19T12:00:00+00:00"', id="time"),
        pytest.param({"b", "a"}, '["a", "b"]', id="a set gets an order"),
        pytest.param(types.MappingProxyType({"a": 1}), '{"a": 1}', id="a mapping that is no dict"),
        pytest.param(b"bytes", '"bytes"', id="bytes"),
        pytest.param(
            12345678901234567890123, "12345678901234567890123", id="a password of digits that nobody has quoted"
        ),
        pytest.param(1234567890.1, "1234567890.1", id="one with a point"),
        pytest.param(
            [float("nan"), float("inf"), float("-inf")],
            "[NaN, Infinity, -Infinity]",
            id="the program refuses these by name",
        ),
        pytest.param([1, 2.5, None, True, "ü"], '[1, 2.5, null, true, "\\u00fc"]', id="JSON's own types"),
    ],
)
def test_encode(value, text):
    assert request.encode({"key": value}) == f'{{"key": {text}}}'


def test_plain_has_only_types_of_json():
    assert request.plain({"key": {"deep": Vaulted()}}) == {"key": {"deep": "clear text"}}


@pytest.mark.parametrize("value", ["plain", "two words", "it's", 'a "quote"', "line\nbreak", "$HOME `id`", "", 3, True])
def test_settings_reach_a_shell_unchanged(value):
    script = request.settings({"NAME": value}) + 'printf %s "$NAME"'
    output = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, text=True).stdout
    assert output == str(value)


@pytest.mark.parametrize("name", ["A B", "1A", "", "A=B", "A;id", "A\nB"])
def test_settings_refuse_names_that_no_shell_accepts(name):
    with pytest.raises(AnsibleError, match="not a variable name"):
        request.settings({name: "value"})


@pytest.fixture
def module(monkeypatch) -> str:
    """A module with secret options at several levels."""
    stand_in = types.ModuleType("stand_in")
    stand_in.ARGUMENT_SPEC = {
        "key": {"type": "str", "no_log": True, "aliases": ["secret_key"]},
        "kubeconfig": {"type": "raw", "no_log": True},
        "token_name": {"type": "str", "no_log": False},
        "servers": {"type": "list", "options": {"password": {"no_log": True}, "name": {}}},
        "server": {"type": "dict", "options": {"password": {"no_log": True}}},
    }
    name = "ansible_collections.picluster.tracing.plugins.modules.stand_in"
    monkeypatch.setitem(sys.modules, name, stand_in)
    return "stand_in"


@pytest.mark.parametrize(
    ("arguments", "secrets"),
    [
        pytest.param({"key": "hush hush"}, {"hush hush"}, id="option"),
        pytest.param({"secret_key": "hush hush"}, {"hush hush"}, id="alias"),
        pytest.param({"key": Vaulted()}, {"clear text"}, id="vaulted"),
        pytest.param({"key": 12345}, {"12345"}, id="a number"),
        pytest.param({"key": 12345678901234567890}, {"12345678901234567890"}, id="a number of many digits"),
        pytest.param({"key": 1234567890.1}, {"1234567890.1"}, id="a number with a point"),
        pytest.param({"key": "abc"}, set(), id="too short: half of all words would be masked"),
        pytest.param({"key": None}, set(), id="nothing"),
        pytest.param({"key": True}, set(), id="a boolean is no secret"),
        pytest.param({"token_name": "public"}, set(), id="marked as public"),
        pytest.param({"unknown": "public"}, set(), id="unknown option: the program refuses it"),
        pytest.param(
            {"servers": [{"password": "first"}, {"password": "second", "name": "public"}]},
            {"first", "second"},
            id="list of suboptions",
        ),
        pytest.param({"server": {"password": "first"}}, {"first"}, id="suboptions"),
        pytest.param({"server": "not a dict"}, set(), id="wrong type: the program refuses it"),
        pytest.param({"kubeconfig": {"users": [{"token": "deep down"}]}}, {"deep down"}, id="everything in a dict"),
    ],
)
def test_secrets(module, arguments, secrets):
    assert request.secrets(module, arguments) == secrets


def test_a_file_in_the_place_of_its_path_is_secret(monkeypatch):
    stand_in = types.ModuleType("stand_in")
    stand_in.ARGUMENT_SPEC = {
        "client_key": {"type": "path"},
        "kubeconfig": {"type": "raw"},
        "report": {"type": "path"},
        "text": {"type": "str"},
    }
    monkeypatch.setitem(sys.modules, "ansible_collections.picluster.tracing.plugins.modules.stand_in", stand_in)
    given = {
        "client_key": "-----BEGIN PRIVATE KEY-----",
        "kubeconfig": "apiVersion: v1\nusers: []\n",
        "report": "/tmp/x",
        "text": "a\nb",
    }
    assert request.secrets("stand_in", given) == {given["client_key"], given["kubeconfig"]}
