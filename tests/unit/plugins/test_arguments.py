# SPDX-License-Identifier: AGPL-3.0-or-later
"""An argument has the value that ansible-core gives it, and a plain one does not need Jinja."""

from __future__ import annotations

import ansible.template
import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.picluster.tracing.plugins.plugin_utils import arguments

ASKS = hasattr(ansible.template, "is_trusted_as_template")  # ansible-core 2.19 and newer
trusted = getattr(ansible.template, "trust_as_template", str)

VARIABLES = {
    "text": "plain",
    "empty": "",
    "yes": True,
    "no": False,
    "zero": 0,
    "number": 7,
    "nothing": None,
    "emptylist": [],
    "emptydict": {},
    "full": ["a", trusted("{{ text }}")],
    "nested": trusted("{{ text }}-more"),
    "unsafe": "{{ text }}",
    "chained": trusted("{{ missing | default(empty) | default(text, true) }}"),
    "omitting": trusted("{{ missing | default(omit) }}"),
    "lacking": trusted("{{ missing }}"),
    "circle": trusted("{{ circle }}"),
    "deep": {"er": {"text": "found", "template": trusted("{{ text }}")}},
    "statement": trusted("{% if yes %}a{% endif %}"),
    **({} if ASKS else {"omit": "a word that the play has for it"}),
}

# The template, and whether Jinja is needed for it.
CASES = {
    "a text": ("{{ text }}", False),
    "an empty text": ("{{ empty }}", False),
    "a truth": ("{{ yes }}", False),
    "a number": ("{{ number }}", False),
    "nothing": ("{{ nothing }}", False),
    "an empty list": ("{{ emptylist }}", False),
    "an empty dictionary": ("{{ emptydict }}", False),
    "set": ("{{ text | default(omit) }}", False),
    "set and empty": ("{{ empty | default(omit) }}", False),
    "empty counts as unset": ("{{ empty | default(omit, true) }}", False),
    "so does no": ("{{ no | default(omit, true) }}", False),
    "so does zero": ("{{ zero | default(omit, true) }}", False),
    "so does an empty list": ("{{ emptylist | default(omit, true) }}", False),
    "unset": ("{{ missing | default(omit) }}", False),
    "unset, with another": ("{{ missing | default(text) | default(omit, true) }}", False),
    "both unset": ("{{ missing | default(absent) | default(omit, true) }}", False),
    "the other is empty": ("{{ missing | default(empty) | default(omit, true) }}", False),
    "a list": ("{{ full }}", True),
    "a template behind it": ("{{ nested | default(omit, true) }}", True),
    "a statement behind it": ("{{ statement }}", True),
    "no template behind it": ("{{ unsafe }}", True),
    "another filter": ("{{ text | upper }}", True),
    "a chain behind it": ("{{ chained | default(omit, true) }}", False),
    "a chain that leaves out": ("{{ omitting }}", True),
    "a chain without a value": ("{{ lacking | default(text) }}", True),
    "a key": ("{{ deep.er.text }}", False),
    "a template behind a key": ("{{ deep.er.template }}", False),
    "a key that is not there": ("{{ emptydict.key | default(omit) }}", False),
    "a key of nothing": ("{{ missing.key.deeper | default(deep.er.text) }}", False),
    "a key of a text": ("{{ text.key | default(omit) }}", True),
    "a method": ("{{ deep.items | default(omit) is defined }}", True),
    "a key with a method's name": ("{{ emptydict.items | default(text) is callable }}", True),
    "more text": ("a {{ text }}", True),
    "a word of Jinja": ("{{ true }}", True),
    "a function of Ansible": ("{{ lookup | default(omit) is defined }}", True),
    "a function's name": ("{{ range | default(text) is defined }}", True),
    "a default that is a text": ("{{ missing | default('x') }}", False),
    "a default that is no text": ("{{ missing | default('') | default(text, true) }}", False),
    "a default that is a list": ("{{ missing | default([]) }}", False),
    "a default that is a dictionary": ("{{ missing | default({}) }}", False),
    "a default that is a truth": ("{{ missing | default(true) }}", False),
    "a default with braces": ("{{ missing | default('{{ text }}') }}", True),
    "omit before the end": ("{{ missing | default(omit) | default(text) }}", False),
}


class Asked:
    """The templar of a task, which counts its calls."""

    def __init__(self) -> None:
        templar = ansible.template.Templar(loader=DataLoader(), variables=dict(VARIABLES))
        self._engine = getattr(templar, "_engine", templar)
        self.available_variables = self._engine.available_variables
        self.environment = self._engine.environment
        self.times = 0

    def template(self, value):
        self.times += 1
        return self._engine.template(value)


def outcome(call):
    """Return the result, or "omitted"."""
    try:
        found = call()
    except arguments.AnsibleValueOmittedError:
        return "omitted"
    return (type(found).__mro__[-2], found)


@pytest.mark.parametrize(("text", "jinja"), CASES.values(), ids=CASES)
def test_the_same_as_ansible_core(text, jinja):
    templar = Asked()
    found = outcome(lambda: arguments.finalized(trusted(text), templar))
    assert templar.times == int(jinja or not ASKS)
    assert found == outcome(lambda: Asked().template(trusted(text)))


@pytest.mark.parametrize("value", ["{{ text }}", ["a"], {"a": trusted("{{ text }}")}, 3, None, True], ids=str)
def test_what_is_no_template_of_the_task_is_left_to_ansible_core(value):
    templar = Asked()
    assert arguments.finalized(value, templar) == Asked().template(value)
    assert templar.times == 1


def test_an_error_is_ansible_cores_own():
    templar = Asked()
    with pytest.raises(Exception, match="missing"):
        arguments.finalized(trusted("{{ missing }}"), templar)
    assert templar.times == 1


def test_a_circle_is_refused_by_ansible_core():
    templar = Asked()
    with pytest.raises(Exception, match="recursive|Recursive|recursion"):
        arguments.finalized(trusted("{{ circle }}"), templar)
    assert templar.times == 1


def test_an_empty_container_is_the_tasks_own():
    templar = Asked()
    arguments.finalized(trusted("{{ emptylist }}"), templar).append(1)
    assert VARIABLES["emptylist"] == []
