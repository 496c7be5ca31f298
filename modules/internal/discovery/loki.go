// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// lokiReceivers are the components of Loki that receive logs, best first.
var lokiReceivers = []string{"gateway", "distributor", "write", "single-binary", ""}

// lokiOTLP is the path at which Loki takes logs by OTLP.
const lokiOTLP = "/otlp/v1/logs"

// LokiForOTLP is the URL at which the only Loki of the cluster takes logs by OTLP.
func LokiForOTLP(ctx context.Context, cluster kube.Reader) (string, error) {
	services, err := Kinds()["loki"].services(ctx, cluster, Release{})
	if err != nil {
		return "", err
	}
	return lokiForOTLP(services)
}

func lokiForOTLP(services []core.Service) (string, error) {
	urls, versions := map[string]string{}, map[string]string{}
	for name, own := range kube.ByRelease(services) {
		if address := lokiAt(own, lokiReceivers); address != "" {
			urls[name], versions[name] = address+lokiOTLP, own[0].Labels[kube.VersionLabel]
		}
	}
	names := slices.Sorted(maps.Keys(urls))
	switch {
	case len(names) == 0:
		return "", fault.New(fault.NotFound, "install Loki 3 first, or give access_log_endpoint", "no Loki in the cluster takes logs")
	case len(names) > 1:
		return "", fault.New(fault.Conflict, "give access_log_endpoint", "find Loki: there are %d: %s", len(names), strings.Join(names, ", "))
	case withoutOTLP(versions[names[0]]):
		return "", fault.New(fault.Unsupported, "upgrade Loki to "+compat.LokiWithOTLP+" or newer, or name a collector in access_log_endpoint",
			"Loki %s (%s) takes no logs by OTLP", versions[names[0]], names[0])
	}
	return urls[names[0]], nil
}

// withoutOTLP reports a version that is too old; an unknown one is accepted.
func withoutOTLP(version string) bool {
	parsed, err := semver.NewVersion(version)
	return err == nil && parsed.LessThan(semver.MustParse(compat.LokiWithOTLP))
}
