// SPDX-License-Identifier: AGPL-3.0-or-later

package discovery

import (
	"maps"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Release is the Helm release that is meant; an empty field is any.
type Release struct{ Namespace, Name string }

// Named reports whether a certain release is meant.
func (r Release) Named() bool { return r != Release{} }

// String names it in messages: "release tempo in namespace tracing".
func (r Release) String() string {
	text := "release"
	if r.Name != "" {
		text += " " + r.Name
	}
	if r.Namespace == "" {
		return text + " in the cluster"
	}
	return text + " in namespace " + r.Namespace
}

// matches reports whether it is one of NAMESPACE/RELEASE.
func (r Release) matches(full string) bool {
	namespace, name, _ := strings.Cut(full, "/")
	return (r.Namespace == "" || r.Namespace == namespace) && (r.Name == "" || r.Name == name)
}

// among reports whether Services are those of the release.
func (r Release) among(services []core.Service) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(kube.ByRelease(services))), r.matches)
}

// only is the address of the only release that is meant, of those that have one.
func (r Release) only(services []core.Service, address func([]core.Service) string) (string, error) {
	meant, others := map[string]string{}, []string{}
	for full, own := range kube.ByRelease(services) {
		url := address(own)
		switch {
		case url == "":
		case r.matches(full):
			meant[full] = url
		default:
			others = append(others, full)
		}
	}
	names := slices.Sorted(maps.Keys(meant))
	if len(names) == 1 {
		return meant[names[0]], nil
	}
	slices.Sort(others)
	return "", r.unclear(names, others)
}

// unclear says why there is not the one release: of several it would be a guess, and
// one elsewhere is not the one that is meant.
func (r Release) unclear(names, others []string) error {
	switch {
	case len(names) > 1 && r.Named():
		return fault.New(fault.Conflict, "say which one with tempo_namespace and tempo_release, or give ds_url", "there are %d of them: %s", len(names), strings.Join(names, ", "))
	case len(names) > 1:
		return fault.New(fault.Conflict, "give ds_url", "there are %d in the cluster: %s", len(names), strings.Join(names, ", "))
	case len(others) > 0:
		return fault.New(fault.Conflict, "install it there first, correct tempo_namespace and tempo_release, or give ds_url",
			"no %s answers queries, but there is %s", r, strings.Join(others, ", "))
	}
	return fault.New(fault.NotFound, "install it first, or give ds_url", "no %s answers queries", r)
}
