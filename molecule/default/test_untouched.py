# SPDX-License-Identifier: AGPL-3.0-or-later
"""After a check of the whole site nothing new exists."""

from servers import grafana, kubernetes, root, s3


def test_no_bucket():
    assert s3("/k3s-tempo?list-type=2", root()).startswith("404 ")


def test_no_namespace():
    assert kubernetes("/api/v1/namespaces/tracing")[0] == 404


def test_traefik_has_no_config_of_ours():
    path = "/apis/helm.cattle.io/v1/namespaces/kube-system/helmchartconfigs/traefik"
    assert kubernetes(path)[0] == 404


def test_no_data_source():
    assert grafana("/api/datasources") == (200, [])
