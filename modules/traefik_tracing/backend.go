// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// backendSetting is a header or a TLS setting that a user has made for another
// back end. A header may be the key to that one, which is not for anybody else.
type backendSetting struct {
	path []string
	// item is the name of its flag among the arguments, "" for a value.
	item string
}

// flag is the setting as Traefik's command line names it, in lower case.
func (s backendSetting) flag() string {
	if s.item != "" {
		return s.item
	}
	return strings.ToLower(strings.Join(s.path, "."))
}

// sharedHeaders are headers that are no secret, and that a Tempo of several
// tenants needs.
var sharedHeaders = []string{"x-scope-orgid"}

// otlpPath is where values and flags of the way out are, without "enabled".
func (t target) otlpPath() []string {
	if t.grpc() {
		return []string{"tracing", "otlp", "grpc"}
	}
	return []string{"tracing", "otlp", "http"}
}

// findBackendSettings are what goes along to the address that stands in the values
// now, when spans are to go to another. What has been taken away before stays
// away. One that cannot be taken away here is refused.
func (t target) findBackendSettings(status Status) ([]backendSetting, error) {
	if t.version.Export != compat.OTLP {
		return nil, nil
	}
	current, err := status.values()
	if err != nil {
		return nil, err
	}
	now := layers{own: current, lower: status.Lower}
	changes := t.changesBackend(now)
	if changes {
		if err := t.refuseFixed(status); err != nil {
			return nil, err
		}
	}
	there := t.backendSettingsIn(now)
	settings := slices.DeleteFunc(t.backendSettingsIn(t.base), func(s backendSetting) bool {
		still := slices.ContainsFunc(there, func(other backendSetting) bool {
			return other.flag() == s.flag() && (other.item == "") == (s.item == "")
		})
		return still && !changes
	})
	return settings, t.refuseHidden(status, append(there, settings...))
}

// refuseHidden refuses what Traefik runs with beside another address and what
// stands in none of the values that are read here: in globalArguments, or in a
// Secret.
func (t target) refuseHidden(status Status, known []backendSetting) error {
	flags := flagsOf(status.Workload.Args)
	address := flags[strings.Join(t.otlpPath(), ".")+".endpoint"]
	if address == "" || origin(address) == origin(t.endpoint) {
		return nil
	}
	for _, flag := range t.backendFlags(flags) {
		if !slices.ContainsFunc(known, func(s backendSetting) bool { return s.flag() == flag }) {
			return fault.New(fault.Conflict, "take it out where it is set (globalArguments, valuesSecrets, spec.set); nothing was changed",
				"%s: Traefik runs with --%s, which would go along to %s", status, flag, origin(t.endpoint))
		}
	}
	return nil
}

// changesBackend reports whether the values have an address that is not the
// wanted one.
func (t target) changesBackend(now layers) bool {
	path := slices.Concat(t.otlpPath(), []string{"endpoint"})
	address := text(helm.Merge(now.lower, now.own), path...)
	if given, there := flagsOf(texts(now.arguments()))[strings.Join(path, ".")]; there {
		address = given
	}
	return address != "" && origin(address) != origin(t.endpoint)
}

// origin is scheme, host and port of an address, or what stands before its path.
func origin(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		host, _, _ := strings.Cut(address, "/")
		return strings.ToLower(host)
	}
	return strings.ToLower(parsed.Scheme + "://" + parsed.Host)
}

// backendSettingsIn lists headers and TLS settings in the values that can be
// changed.
func (t target) backendSettingsIn(at layers) []backendSetting {
	all := []backendSetting{}
	for _, path := range t.backendPaths(at.own) {
		all = append(all, backendSetting{path: path})
	}
	for _, flag := range t.backendFlags(flagsOf(texts(at.arguments()))) {
		all = append(all, backendSetting{argumentsPath, flag})
	}
	return all
}

// backendFlags are those among flags.
func (t target) backendFlags(flags map[string]string) []string {
	var all []string
	prefix := strings.Join(t.otlpPath(), ".")
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		header, isHeader := strings.CutPrefix(flag, prefix+".headers.")
		if isHeader && !slices.Contains(sharedHeaders, header) || strings.HasPrefix(flag, prefix+".tls.") && !blank(flags[flag]) && !isFalse(flags[flag]) {
			all = append(all, flag)
		}
	}
	return all
}

// backendPaths are their paths in a tree of values.
func (t target) backendPaths(tree map[string]any) [][]string {
	var paths [][]string
	for _, part := range []string{"headers", "tls"} {
		value, _ := overlay.Get(tree, slices.Concat(t.otlpPath(), []string{part})...)
		below, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(below)) {
			if !slices.Contains(sharedHeaders, strings.ToLower(name)) && !blank(below[name]) {
				paths = append(paths, slices.Concat(t.otlpPath(), []string{part, name}))
			}
		}
	}
	return paths
}

func blank(value any) bool { return value == nil || value == "" || value == false }

// refuseFixed refuses settings in values that are not changed here.
func (t target) refuseFixed(status Status) error {
	if status.Method != methodConfig {
		return nil
	}
	for _, place := range []struct {
		values map[string]any
		name   string
	}{{status.Lower, "the values of the HelmChart"}, {status.Higher, "spec.values of the HelmChartConfig"}} {
		if paths := t.backendPaths(place.values); len(paths) > 0 {
			return fault.New(fault.Conflict, "take it out there; nothing was changed",
				"%s: %s in %s would go along to %s", status, strings.Join(paths[0], "."), place.name, origin(t.endpoint))
		}
	}
	return nil
}

// removeBackendSettings takes the settings out of the values and the arguments.
func (t target) removeBackendSettings() (values, arguments []overlay.Entry) {
	for _, setting := range t.backendSettings {
		entry := overlay.Entry{Path: setting.path, Item: setting.item, Remove: true}
		if setting.item != "" {
			arguments = append(arguments, entry)
			continue
		}
		values = append(values, entry)
	}
	return values, arguments
}

// place is where a setting stands in the values.
func (s backendSetting) place() owned {
	return owned{s.path, s.item, overlay.Entry{Path: s.path, Item: s.item}.String()}
}

// removesBackendSetting reports whether an entry takes such a setting away.
func (t target) removesBackendSetting(entry overlay.Entry) bool {
	return slices.ContainsFunc(t.backendSettings, func(s backendSetting) bool { return s.item == entry.Item && slices.Equal(s.path, entry.Path) })
}

// keptBackendSettings are headers and TLS settings of the user's beside an address
// that this change sets.
func (p Proposal) keptBackendSettings() []string {
	if !p.sets(strings.Join(append(p.target.otlpPath(), "endpoint"), ".")) {
		return nil
	}
	var titles []string
	for _, setting := range p.target.backendSettingsIn(layers{own: p.Values, lower: p.target.base.lower}) {
		titles = append(titles, owned{setting.path, setting.item, strings.Join(setting.path, ".")}.title())
	}
	return titles
}

func (p Proposal) sets(name string) bool {
	_, value := p.After[name]
	_, argument := p.After["additionalArguments["+name+"]"]
	return value || argument
}
