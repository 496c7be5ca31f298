# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: it may change in any release.
"""Which variable of a role sets an option of a module: whoever called the role knows only the variables."""

from __future__ import annotations


def _rows(prefix: str, same: str, **other: str) -> dict[str, str]:
    """Return options with their variables: those that differ only by the prefix, and the others."""
    return {option: prefix + option for option in same.split()} | other


_CLUSTER = "kubeconfig context"
_GRAFANA_ACCESS = "org_id org_name use_proxy validate_certs ca_cert client_cert client_key timeout"
_GRAFANA_LOGIN = {name: name for name in ("grafana_url", "grafana_user", "grafana_password", "grafana_api_key")}
_DATA_SOURCE = (
    f"{_CLUSTER} via namespace configmap_label state restore digest_path update_secret check_health require_healthy "
    f"{_GRAFANA_ACCESS}"
)
_VERIFY_GRAFANA = _rows(
    "verify_",
    "grafana_url grafana_user grafana_password grafana_api_key",
    org_id="verify_grafana_org_id",
    validate_certs="verify_grafana_validate_certs",
    ca_cert="verify_grafana_ca_cert",
)

# Role, task, option. A suboption is named with a dot, as in messages.
VARIABLES: dict[str, dict[str, dict[str, str]]] = {
    "minio": {
        "Set up bucket, user and policy for Tempo": _rows(
            "minio_",
            "state secure validate_certs ca_cert client_cert client_key admin anonymous_access versioning "
            "object_lock quota abort_incomplete_days expire_days tags remove_bucket force_remove_bucket "
            "update_secret policy_document exclusive_policies verify timeout",
            endpoint="minio_endpoint",
            access_key="minio_root_user",
            secret_key="minio_root_password",
            region="minio_site_region",
            bucket="minio_tempo_bucket",
            user="minio_tempo_user",
            user_enabled="minio_tempo_user_enabled",
            user_secret_key="minio_tempo_key",
            policy="minio_tempo_policy",
        ),
    },
    "tempo": {
        "Set up Grafana Tempo": _rows(
            "tempo_",
            f"{_CLUSTER} state mode release_name create_namespace namespace_labels namespace_annotations chart_ref "
            "chart_repo_url chart_version chart_repo_username chart_repo_password chart_repo_ca_cert receivers "
            "search streaming retention store_budget store_budget_floor metrics_generator service_graph "
            "prometheus traceql_metrics usage_report "
            "kafka persistence image_tag resources storage replicas replication_factor node_selector tolerations "
            "values strict_values verify_config verify_job wait wait_timeout "
            "ready_check atomic history_max drift recover migrate take_ownership remove_volumes "
            "remove_namespace insecure_skip_tls_verify plain_http skip_crds",
            release_namespace="tempo_namespace",
            log_received_spans="tempo_log_spans",
            **{
                path: f"tempo_s3_{option}"
                for option in (
                    "bucket",
                    "endpoint",
                    "region",
                    "insecure",
                    "existing_secret",
                    "access_key",
                    "secret_key",
                    "path_style",
                )
                for path in (f"s3.{option}", option)
            },
            # Alone these names have other meanings, such as the certificates of the Kubernetes API.
            **{f"s3.{option}": f"tempo_s3_{option}" for option in ("validate_certs", "ca_cert", "prefix")},
        ),
    },
    "linkerd": {
        "Send the traces of the mesh to Tempo": _rows(
            "linkerd_",
            f"{_CLUSTER} state endpoints service_account tempo_namespace tempo_release protocol unmeshed "
            "trace_service_name control_plane jaeger_namespace jaeger_release force wait timeout",
            required="linkerd_enabled",
            linkerd_namespace="linkerd_namespace",
            chart_ref="linkerd_jaeger_chart_ref",
            chart_repo_url="linkerd_jaeger_chart_repo_url",
            chart_version="linkerd_jaeger_chart_version",
            chart_repo_username="linkerd_jaeger_chart_repo_username",
            chart_repo_password="linkerd_jaeger_chart_repo_password",
            chart_repo_ca_cert="linkerd_jaeger_chart_repo_ca_cert",
        ),
    },
    "traefik": {
        "Set up tracing and the access log of Traefik": _rows(
            "traefik_",
            f"{_CLUSTER} state method name namespace image_tag endpoint endpoints tempo_namespace tempo_release "
            "protocol service_name sample_rate resource_attributes same_span id_128bit propagators access_log "
            "access_log_endpoint access_log_tenant trace_header without_trace_id ingress_host ingress_url ingress_path "
            "failure_policy force wait timeout",
            required="traefik_enabled",
            access_log_output="traefik_access_log",
            traefik_version="traefik_version",
            url_validate_certs="traefik_validate_certs",
            url_ca_cert="traefik_ca_cert",
        ),
    },
    "grafana": {
        "Read where Tempo answers queries": _rows("grafana_", f"{_CLUSTER} tempo_namespace tempo_release"),
        "Read from Traefik which field of its access log holds the trace ID": _rows(
            "grafana_",
            f"{_CLUSTER} tempo_namespace tempo_release",
            method="traefik_method",
            name="traefik_name",
            namespace="traefik_namespace",
            traefik_version="traefik_version",
            image_tag="traefik_image_tag",
        ),
        "Look for the data source with the traces": _rows(
            "grafana_", _GRAFANA_ACCESS, name="grafana_tempo_name", **_GRAFANA_LOGIN
        ),
        "Look for the data source with the logs": _rows(
            "grafana_", f"{_CLUSTER} {_GRAFANA_ACCESS}", name="grafana_loki_name", **_GRAFANA_LOGIN
        ),
        "Look for the data source with the metrics": _rows(
            "grafana_", f"{_CLUSTER} {_GRAFANA_ACCESS}", name="grafana_prometheus_name", **_GRAFANA_LOGIN
        ),
        "Set up the data source with the traces": _rows(
            "grafana_",
            f"{_DATA_SOURCE} accept_provisioned log_link tempo_namespace tempo_release",
            required="grafana_enabled",
            name="grafana_tempo_name",
            uid="grafana_tempo_uid",
            ds_url="grafana_tempo_url",
            configmap_name="grafana_tempo_configmap_name",
            json_data="grafana_tempo_settings",
            secure_json_data="grafana_tempo_secure_settings",
            http_headers="grafana_tempo_http_headers",
            basic_auth_user="grafana_tempo_basic_auth_user",
            basic_auth_password="grafana_tempo_basic_auth_password",
            **_GRAFANA_LOGIN,
            **{
                "tempo.traces_to_logs.datasource_uid": "grafana_loki_uid",
                "tempo.traces_to_logs.query": "grafana_tempo_log_query",
                "tempo.traces_to_logs.span_start_shift": "grafana_span_start_shift",
                "tempo.traces_to_logs.span_end_shift": "grafana_span_end_shift",
            },
        ),
        "Set up the link from the metrics to the traces": _rows(
            "grafana_",
            f"{_GRAFANA_ACCESS} accept_provisioned",
            name="grafana_prometheus_name",
            uid="grafana_prometheus_uid",
            **_GRAFANA_LOGIN,
            **{
                "prometheus.exemplars.name": "grafana_exemplar_label",
                "prometheus.exemplars.state": "grafana_state",
                "prometheus.exemplars.datasource_uid": "grafana_tempo_uid",
            },
        ),
        "Set up the link from the logs to the traces": _rows(
            "grafana_",
            f"{_DATA_SOURCE} sample_log_line trace_id_field matcher_regex matcher_type log_link",
            required="grafana_loki_enabled",
            name="grafana_loki_name",
            uid="grafana_loki_uid",
            ds_url="grafana_loki_url",
            configmap_name="grafana_loki_configmap_name",
            json_data="grafana_loki_settings",
            secure_json_data="grafana_loki_secure_settings",
            http_headers="grafana_loki_http_headers",
            basic_auth_user="grafana_loki_basic_auth_user",
            basic_auth_password="grafana_loki_basic_auth_password",
            **_GRAFANA_LOGIN,
            **{
                f"loki.derived_fields.{option}": variable
                for option, variable in (
                    ("name", "grafana_derived_field"),
                    ("state", "grafana_state"),
                    ("trace_id_field", "grafana_trace_id_field"),
                    ("matcher_regex", "grafana_matcher_regex"),
                    ("matcher_type", "grafana_matcher_type"),
                    ("datasource_uid", "grafana_tempo_uid"),
                )
            },
        ),
    },
    "emojivoto": {
        "Read where Tempo receives spans": _rows("emojivoto_", f"{_CLUSTER} tempo_namespace tempo_release"),
        "Apply the application": _rows("emojivoto_", f"{_CLUSTER} state take_over force_conflicts wait wait_timeout"),
    },
    "picluster_tracing_rbac": {
        "Grant the account its permissions": _rows("picluster_tracing_rbac_", f"{_CLUSTER} state"),
    },
    "verify": {
        "Look for the data source with the traces": _VERIFY_GRAFANA | {"name": "verify_tempo_name"},
        "Look for the data source with the logs": _VERIFY_GRAFANA | {"name": "verify_loki_name"},
        "Send traces and find them again": _rows(
            "verify_",
            f"{_CLUSTER} endpoints tempo_namespace tempo_release reach receivers traceql_metrics service_graph "
            "ingress_host ingress_url ingress_path services traefik_namespace traefik_name traefik_service_name "
            "loki_url loki_tenant loki_query loki_uid tempo_uid grafana_url grafana_user grafana_password "
            "grafana_api_key grafana_validate_certs grafana_ca_cert report cluster_name wait_timeout timeout",
            tenant="verify_tempo_tenant",
            org_id="verify_grafana_org_id",
            url_validate_certs="verify_validate_certs",
            url_ca_cert="verify_ca_cert",
        ),
    },
}
