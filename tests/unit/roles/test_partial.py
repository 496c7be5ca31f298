# SPDX-License-Identifier: AGPL-3.0-or-later
"""A run of one role finds the same Tempo as a run of the whole site, in which the role tempo has found its own."""

from __future__ import annotations

import jinja2.nativetypes
import pytest
from role_files import defaults

THERE = {
    "tempo_endpoints": {"query": "http://theirs", "otlp_grpc": "theirs:4317"},
    "tempo_service_account": "theirs",
    "tempo_namespace": "observe",
    "tempo_release_name": "traces",
}
HANDED_ON = {
    ("emojivoto", "endpoints"): THERE["tempo_endpoints"],
    ("grafana", "tempo_url"): "http://theirs",
    ("linkerd", "endpoints"): THERE["tempo_endpoints"],
    ("linkerd", "service_account"): "theirs",
    ("traefik", "endpoints"): THERE["tempo_endpoints"],
    ("verify", "endpoints"): THERE["tempo_endpoints"],
}


def valued(role: str, name: str, variables: dict) -> object:
    """Return the value of a role's variable, of which the defaults may refer to each other."""
    if name in variables or not isinstance(text := defaults(role).get(name), str) or "{{" not in text:
        return variables.get(name, defaults(role).get(name))
    known = dict(variables)
    for other in defaults(role):
        if other != name and other in text:
            known[other] = valued(role, other, variables)
    environment = jinja2.nativetypes.NativeEnvironment(undefined=jinja2.ChainableUndefined)  # as ansible-core has it
    return environment.from_string(text).render(known)


@pytest.mark.parametrize(("role", "variable"), HANDED_ON, ids=["_".join(pair) for pair in HANDED_ON])
@pytest.mark.parametrize(
    ("other", "taken"),
    [
        ({}, True),
        ({"tempo_namespace": "observe", "tempo_release": "traces"}, True),
        ({"tempo_namespace": "elsewhere"}, False),
        ({"tempo_release": "other"}, False),
    ],
    ids=["nothing named", "the same", "another namespace", "another release"],
)
def test_what_the_role_tempo_found_is_for_its_own_tempo(role, variable, other, taken):
    named = {f"{role}_{name}": value for name, value in other.items()}
    found = valued(role, f"{role}_{variable}", THERE | named)
    assert (found == HANDED_ON[role, variable]) is taken
    assert taken or not found, "the cluster is asked for the one that is named"


@pytest.mark.parametrize(("role", "variable"), HANDED_ON, ids=["_".join(pair) for pair in HANDED_ON])
def test_without_the_role_tempo_the_cluster_is_asked(role, variable):
    assert not valued(role, f"{role}_{variable}", {"tempo_namespace": "observe"})


@pytest.mark.parametrize(("role", "variable"), HANDED_ON, ids=["_".join(pair) for pair in HANDED_ON])
def test_the_facts_are_enough(role, variable):
    """A play that includes the role tempo sees its facts, and not its defaults."""
    facts = {name: THERE[name] for name in ("tempo_endpoints", "tempo_service_account")}
    assert valued(role, f"{role}_{variable}", facts) == HANDED_ON[role, variable]
