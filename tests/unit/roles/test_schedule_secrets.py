# SPDX-License-Identifier: AGPL-3.0-or-later
"""No secret appears in the script of the role schedule, which everybody can read, nor in the role's output."""

from __future__ import annotations

import pytest
from test_schedule import Schedule

SECRET_ARGUMENTS = {
    "a variable": "--extra-vars=minio_root_password=canary",
    "a variable without a word for it": "-eminio_tempo_key=canary",
    "several": "tempo_retention=48h tempo_s3_secret_key=canary",
    "with a blank": "--extra-vars={grafana_api_key : canary}",
    "JSON": '{"tempo_s3": {"secret_key": "canary"}}',
    "YAML": "--extra-vars={grafana_password: canary}",
    "YAML in quotes": "grafana_password: 'canary'",
    "a number": "-e{pin: 739198237, x: canary}",
    "a map": '{"grafana_tempo_secure_settings": {"httpHeaderValue1": "canary"}}',
    "a list": '{"auth_tokens": ["canary"]}',
    "headers": '{"grafana_loki_http_headers": {"X-Scope-OrgID": "canary"}}',
    "a header": "curl_arguments=Authorization: Bearer canary-canary",
    "a password of become": "ansible_become_pass=canary",
    "in capitals": "-eANSIBLE_BECOME_PASSWORD=canary",
    "a key": "deploy=-----BEGIN OPENSSH PRIVATE KEY----- canary",
    "a login in an address": "--extra-vars=tempo_chart_repo_url=https://pi:canary@charts.example",
    "a token in an address": "tempo_chart_repo_url=https://canary@charts.example",
    "a token in a query": "grafana_url=http://grafana.example/?auth_token=canary",
}
ARGUMENTS = {
    "tags": "--tags=tempo",
    "a file of variables": "--extra-vars=@/etc/picluster/secrets.yml",
    "a file of passwords": "--become-password-file=/etc/picluster/become-password",
    "a vault's file": "--vault-id=home@/etc/picluster/vault-password",
    "a key's file": "--private-key=/etc/picluster/deploy.key",
    "an existing Secret": "tempo_s3_existing_secret=tempo-s3",
    "what is done with secrets": "minio_update_secret=verify grafana_update_secret=always",
    "a variable of a vault": "minio_root_password='{{ '{{' }} vaulted.root }}'",
    "an empty one": "grafana_api_key= grafana_user=me",
    "a switch": '{"grafana_tempo_basic_auth": false}',
    "an address": "tempo_chart_repo_url=http://charts.example:8080/a@b",
    "a host": "--limit=pi@home,token-ring",
}
SECRET_VARIABLES = {
    "ANSIBLE_VAULT_PASSWORD": "canary",
    "ANSIBLE_NET_AUTH_PASS": "canary",
    "K8S_AUTH_API_KEY": "canary",
    "K8S_AUTH_PASSWORD": 7391982374,
    "MINIO_SECRET_KEY": "canary",
    "AWS_SECRET_ACCESS_KEY": "/canary/+abcdef",
    "AWS_SESSION_TOKEN": "canary",
    "GITHUB_PAT": "canary",
    "PGPASSWORD": "canary",
    "SENTRY_DSN": "canary",
    "vault_credentials": "canary",
    "https_proxy": "http://pi:canary@proxy.example:3128",
    "CHARTS": "https://canary@charts.example",
    "DEPLOY_KEY": "-----BEGIN EC PRIVATE KEY-----\ncanary",
    "CURL_HEADER": "Authorization: Basic canarycanary",
    "ANSIBLE_SSH_ARGS": "-o ProxyCommand='connect --password=canary %h'",
}
VARIABLES = {
    "ANSIBLE_CONFIG": "/etc/picluster/ansible.cfg",
    "ANSIBLE_VAULT_PASSWORD_FILE": "/etc/picluster/vault-password",
    "ANSIBLE_BECOME_ASK_PASS": False,
    "ANSIBLE_PRIVATE_KEY_FILE": "/etc/picluster/deploy.key",
    "GOOGLE_APPLICATION_CREDENTIALS": "/etc/picluster/google.json",
    "SSH_AUTH_SOCK": "/run/picluster/agent",
    "GIT_ASKPASS": "/usr/local/bin/askpass",
    "KUBECONFIG": "/etc/rancher/k3s/k3s.yaml",
    "http_proxy": "http://proxy.example:3128/",
    "PWD": "/root",
    "GRAFANA_TOKEN": "",
    "_0": 5,
}
NO_VARIABLES = {
    "a blank": {"A B": "x"},
    "a command": {"A=1; touch /tmp/x; B": "x"},
    "a digit first": {"1A": "x"},
    "a list as its value": {"A": ["x"]},
    "a map as its value": {"A": {"b": "x"}},
}
# The role's message when it accepts arguments and environment.
OTHER = "schedule_time_limit is a number"
ENDLESS = {"schedule_time_limit": 0}


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, str]:
    """The role's error for each case. A task with a loop reports everything that it refuses."""
    cases = {
        "secret arguments": {"schedule_arguments": list(SECRET_ARGUMENTS.values())},
        "secret variables": {"schedule_environment": SECRET_VARIABLES},
        "arguments": {"schedule_arguments": list(ARGUMENTS.values()), **ENDLESS},
        "variables": {"schedule_environment": VARIABLES, **ENDLESS},
        **{f"none, {name}": {"schedule_environment": variables} for name, variables in NO_VARIABLES.items()},
    }
    schedule = Schedule(tmp_path_factory.mktemp("schedule"))
    said = schedule.refusals(cases)
    assert said.keys() == cases.keys()
    assert not schedule.script.exists()
    assert "canary" not in str(said)
    assert "7391982374" not in str(said)
    return said


@pytest.mark.parametrize("name", SECRET_ARGUMENTS)
def test_an_argument_with_a_secret_is_refused(told, name):
    at = list(SECRET_ARGUMENTS).index(name)
    assert f"schedule_arguments[{at}] contains a secret or a login" in told["secret arguments"]


@pytest.mark.parametrize("name", SECRET_VARIABLES)
def test_a_variable_with_a_secret_is_refused(told, name):
    assert f"schedule_environment.{name} contains a secret or a login" in told["secret variables"]


@pytest.mark.parametrize("kind", ["arguments", "variables"])
def test_others_are_taken(told, kind):
    assert OTHER in told[kind]


@pytest.mark.parametrize("name", NO_VARIABLES)
def test_what_a_shell_cannot_export_is_refused(told, name):
    assert "must be names of letters, digits and _, each with a string as its value" in told[f"none, {name}"]
