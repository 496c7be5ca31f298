# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the site and the peers' playbook have left on the lab's servers, in the same words, to compare it."""

from __future__ import annotations

import base64
import json
import sys

from runs import ROOT

sys.path.insert(0, str(ROOT / "molecule" / "default"))
import servers

# The site's notes of what it has made itself, and what community.grafana adds always.
ONE_SIDED = ("picluster_settings", "picluster_derived_fields", "tlsAuth", "tlsAuthWithCACert")
# Operators do not write that of the login; the configuration is compared as text, without the names in it.
CHECKSUMS = ("checksum/s3-credentials", "checksum/config")


class Outcome:
    """What either of them has left; the peers' names have an ending of their own."""

    def __init__(self, ending: str = "") -> None:
        self.namespace, self.bucket, self.user = (f"{name}{ending}" for name in ("tracing", "k3s-tempo", "tempo"))
        self.sources = {f"{name} of the peers" if ending else name: name for name in ("Tempo", "Loki")}

    def read(self) -> dict:
        """Return everything that both of them set up, by name."""
        return {
            **self._workloads(),
            **{f"configuration {name}": text for name, text in self._configurations().items()},
            "release": self._release(),
            "store": self._store(),
            **{f"data source {name}": source for name, source in self._sources().items()},
        }

    def _listed(self, path: str) -> list[dict]:
        status, listed = servers.kubernetes(path.format(namespace=self.namespace))
        if status != 200:
            raise LookupError(f"{path}: {status} {listed}")
        return listed["items"]

    def _workloads(self) -> dict:
        found = {}
        for kind in ("deployments", "statefulsets"):
            for item in self._listed(f"/apis/apps/v1/namespaces/{{namespace}}/{kind}"):
                template = item["spec"]["template"]
                notes = template["metadata"].pop("annotations", {})
                template["notes"] = {name: text for name, text in notes.items() if name not in CHECKSUMS}
                ready = item["status"].get("readyReplicas", 0)
                found[f"{kind} {item['metadata']['name']}"] = self._renamed([template, item["spec"]["replicas"], ready])
        return found

    def _configurations(self) -> dict:
        maps = self._listed("/api/v1/namespaces/{namespace}/configmaps")
        return {item["metadata"]["name"]: self._renamed(item["data"]) for item in maps if "data" in item}

    def _release(self) -> list:
        newest = max(servers.releases(self.namespace), key=lambda row: row["version"])
        chart = newest["chart"]["metadata"]
        return [newest["name"], newest["info"]["status"], chart["name"], chart["version"]]

    def _store(self) -> list[str]:
        """What Tempo's login may do in its bucket and in another, as the statuses of requests."""
        _, secret = servers.kubernetes(f"/api/v1/namespaces/{self.namespace}/secrets/tempo-s3-credentials")
        key, value = (base64.b64decode(secret["data"][name]).decode() for name in sorted(secret["data"]))
        if key != self.user:
            raise LookupError(f"the login of Tempo is {key}")
        requests = [
            ("/{}/outcome", "--request", "PUT", "--data", "x", "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"),
            ("/{}/outcome",),
            ("/{}?list-type=2",),
            ("/{}/outcome", "--request", "DELETE"),
            ("/another",),
        ]
        done = [servers.s3(path.format(self.bucket), f"{key}:{value}", *options) for path, *options in requests]
        return [answer.partition(" ")[0] for answer in done]

    def _sources(self) -> dict:
        found = {}
        for source in servers.grafana("/api/datasources")[1]:
            if source["name"] in self.sources:
                settings = {name: value for name, value in source["jsonData"].items() if name not in ONE_SIDED}
                wanted = [source[name] for name in ("type", "access", "url", "uid")]
                found[self.sources[source["name"]]] = self._renamed([*wanted, settings])
        return found

    def _renamed(self, value: object) -> object:
        text = json.dumps(value, sort_keys=True)
        for own, common in ((self.namespace, "tracing"), (self.bucket, "k3s-tempo")):
            text = text.replace(own, common)
        return json.loads(text.replace("tempo-peers", "tempo").replace("loki-peers", "loki"))


def differences() -> list[str]:
    """Return the names of what is not the same on both sides."""
    ours, theirs = Outcome().read(), Outcome("-peers").read()
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
