# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lab's servers as seen with nothing but curl and the standard library: no code of the collection."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path


def answer(
    url: str,
    context: ssl.SSLContext | None = None,
    login: str = "",
    method: str = "GET",
    body: dict | list | None = None,
    timeout: float = 10,
) -> tuple[int, dict]:
    """GET url, or use another method; return the status and the JSON body. The body of a PATCH is a merge patch."""
    request = urllib.request.Request(url, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/merge-patch+json" if method == "PATCH" else "application/json")
    if login:
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    try:
        with urllib.request.urlopen(request, context=context, timeout=timeout) as reply:
            return reply.status, json.loads(reply.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def kubernetes(
    path: str, method: str = "GET", body: dict | list | None = None, timeout: float = 10
) -> tuple[int, dict]:
    """Request a path of the Kubernetes API with the client certificate of the kubeconfig."""
    url, config = os.environ["LAB_KUBE_URL"] + path, Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8")
    return answer(url, context=_identity(config), method=method, body=body, timeout=timeout)


def remove(path: str) -> None:
    """DELETE a path of the Kubernetes API; without a grace period."""
    config = Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8")
    request = urllib.request.Request(os.environ["LAB_KUBE_URL"] + path + "?gracePeriodSeconds=0", method="DELETE")
    with urllib.request.urlopen(request, context=_identity(config), timeout=10) as reply:
        reply.read()


def log_of(pod: dict) -> list[str]:
    """The lines of a pod's log."""
    config = Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8")
    path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}/log"
    with urllib.request.urlopen(os.environ["LAB_KUBE_URL"] + path, context=_identity(config), timeout=20) as reply:
        return reply.read().decode().splitlines()


@cache
def _identity(config: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=_embedded(config, "certificate-authority-data"))
    with tempfile.NamedTemporaryFile("w") as pair:
        pair.write(_embedded(config, "client-certificate-data") + _embedded(config, "client-key-data"))
        pair.flush()
        context.load_cert_chain(pair.name)
    return context


def _embedded(config: str, key: str) -> str:
    return base64.b64decode(re.search(rf"{key}: (\S+)", config).group(1)).decode()


def grafana(path: str, method: str = "GET", body: dict | None = None) -> tuple[int, dict]:
    """Request a path of Grafana's API as its administrator."""
    login = os.environ["LAB_GRAFANA_USER"] + ":" + os.environ["LAB_GRAFANA_PASSWORD"]
    return answer(os.environ["LAB_GRAFANA_URL"] + path, login=login, method=method, body=body)


def s3(path: str, login: str, *options: str) -> str:
    """Request a path of the S3 server, signed by curl; return "STATUS BODY". curl reads the login on standard input."""
    url = os.environ["LAB_MINIO_URL"] + path
    command = [
        "curl",
        "--silent",
        "--config",
        "-",
        "--aws-sigv4",
        "aws:amz:eu-west-1:s3",
        "--write-out",
        "\n%{http_code}",
        *options,
        url,
    ]
    reply = subprocess.run(command, input=f'user = "{login}"', check=True, capture_output=True, text=True)
    body, _newline, status = reply.stdout.rpartition("\n")
    return f"{status} {body}"


def root() -> str:
    """The S3 administrator's login."""
    return os.environ["LAB_MINIO_ROOT_USER"] + ":" + os.environ["LAB_MINIO_ROOT_PASSWORD"]


def releases(namespace: str) -> list[dict]:
    """Helm's releases as stored in the cluster: base64 of base64 of gzip of JSON, one Secret a revision."""
    _status, listed = kubernetes(f"/api/v1/namespaces/{namespace}/secrets?labelSelector=owner%3Dhelm")
    stored = [base64.b64decode(base64.b64decode(item["data"]["release"])) for item in listed["items"]]
    return [json.loads(gzip.decompress(data)) for data in stored]
