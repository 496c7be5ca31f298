# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every option of a module is set by a variable of a role, or left out for a reason."""

from __future__ import annotations

import pytest
from ansible_collections.picluster.tracing.plugins.plugin_utils.role_options import VARIABLES
from module_docs import options
from role_files import MODULE, ROOT, tasks

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))

CLUSTER = dict.fromkeys(
    ("host", "api_key", "validate_certs", "ca_cert", "client_cert", "client_key"),
    "a kubeconfig holds it, and each role takes one as a path or as text",
)
SETTINGS = "one of Grafana's own settings: grafana_tempo_settings, grafana_loki_settings and the secure ones take it"
LINKS = "fixed by the role: what makes Traefik's field the link to Tempo"
FIXED = "fixed by the role"

# Options that no variable of a role sets, and why.
LEFT_OUT = {
    "grafana_datasource": {
        "ds_type": FIXED,
        "ds_url_if_new": "for the look for Loki's data source, which is made later: grafana_loki_url",
        "access": "Grafana's own default, its server, is the one way to a Service of the cluster",
        "user": "of databases; neither Tempo nor Loki has it",
        "password": "of databases; neither Tempo nor Loki has it",
        "database": "of databases; neither Tempo nor Loki has it",
        "with_credentials": "for browsers that ask the data source themselves, which access leaves out",
        "is_default": "nobody queries traces without choosing them, and the default is the user's choice",
        "replace": "settings of users stay",
        **dict.fromkeys(
            ("tls_servername", "tls_skip_verify", "tls_ca_cert", "tls_client_cert", "tls_client_key"), SETTINGS
        ),
        **dict.fromkeys(
            [f"tempo.traces_to_logs.{name}" for name in ("tags", "filter_by_trace_id", "filter_by_span_id")],
            SETTINGS,
        ),
        **dict.fromkeys(
            [
                f"tempo.{name}"
                for name in (
                    "traces_to_metrics",
                    "service_map",
                    "node_graph",
                    "search",
                    "trace_query",
                    "span_bar",
                    "streaming",
                )
            ],
            SETTINGS,
        ),
        "loki.max_lines": SETTINGS,
        **dict.fromkeys(
            [f"loki.derived_fields.{name}" for name in ("url", "url_display_label", "target_blank")], LINKS
        ),
    },
    "k8s_apply": CLUSTER
    | {
        "definition": "the application itself",
        "src": "the application is a template of the role, not a file",
        "namespace": "each object of the application names its own",
        "field_manager": "the collection's own name, by which the next run knows its fields",
        "prune": FIXED,
        "timeout": "for one request; emojivoto_wait_timeout is for what takes long",
    },
    "linkerd_tracing": CLUSTER,
    "minio_tempo_bucket": {},
    "tempo_helm": CLUSTER
    | {
        "description": "a remark in Helm's history, which Helm writes by itself",
        "return_values": "the role hands on endpoints and service account, and nobody reads the values of its result",
    },
    "trace_probe": CLUSTER,
    "traefik_tracing": CLUSTER,
}


def settable(module: str) -> set[str]:
    """Return the options that a variable of a role sets, in whatever task."""
    return {
        option
        for role, rows in VARIABLES.items()
        for task in tasks(role)
        if MODULE + module in task
        for option in rows[task["name"]]
    }


def unset(table: dict[str, dict], known: set[str], above: str = "") -> set[str]:
    """Return the options that are not known; of a partly known one the other suboptions."""
    found = set()
    for name, row in table.items():
        path = above + name
        if path in known:
            continue
        if any(other.startswith(f"{path}.") for other in known):
            found |= unset(row["suboptions"], known, f"{path}.")
        else:
            found.add(path)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_role_sets_every_option_that_is_not_left_out(module):
    assert unset(options(module), settable(module)) == set(LEFT_OUT[module])


@pytest.mark.parametrize(
    ("table", "known", "expected"),
    [
        ({"name": {}}, set(), {"name"}),
        ({"name": {}}, {"name"}, set()),
        ({"s3": {"suboptions": {"bucket": {}, "prefix": {}}}}, {"s3"}, set()),
        ({"s3": {"suboptions": {"bucket": {}, "prefix": {}}}}, {"s3.bucket", "prefix"}, {"s3.prefix"}),
    ],
)
def test_unset(table, known, expected):
    assert unset(table, known) == expected
