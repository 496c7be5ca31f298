// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

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

// otlpPath is where the values and flags of the exporter are, without "enabled".
func (t Target) otlpPath() []string {
	if t.grpc() {
		return []string{"tracing", "otlp", "grpc"}
	}
	return []string{"tracing", "otlp", "http"}
}

// findBackendSettings are what is sent along to the address that is in the values
// now, when spans are to go to another. What has been removed before stays
// removed. One that cannot be removed here is refused.
func (t Target) findBackendSettings(in Found) ([]backendSetting, error) {
	if t.Version.Export != compat.OTLP {
		return nil, nil
	}
	changes := t.changesBackend(in.Now)
	if changes {
		if err := t.refuseFixed(in); err != nil {
			return nil, err
		}
	}
	current := t.backendSettingsIn(in.Now)
	settings := slices.DeleteFunc(t.backendSettingsIn(t.Base), func(s backendSetting) bool {
		still := slices.ContainsFunc(current, func(other backendSetting) bool {
			return other.flag() == s.flag() && (other.item == "") == (s.item == "")
		})
		return still && !changes
	})
	return settings, t.refuseHidden(in, append(current, settings...))
}

// refuseHidden refuses what Traefik runs with beside another address and what is
// in none of the values that are read here: in globalArguments, or in a Secret.
func (t Target) refuseHidden(in Found, known []backendSetting) error {
	flags := Flags(in.Args)
	address := flags[strings.Join(t.otlpPath(), ".")+".endpoint"]
	if address == "" || origin(address) == origin(t.Address) {
		return nil
	}
	for _, flag := range t.backendFlags(flags) {
		if !slices.ContainsFunc(known, func(s backendSetting) bool { return s.flag() == flag }) {
			return fault.New(fault.Conflict, "remove it where it is set (globalArguments, valuesSecrets, spec.set); nothing was changed",
				"%s: Traefik runs with --%s, which would go along to %s", in.Name, flag, origin(t.Address))
		}
	}
	return nil
}

// changesBackend reports whether the values have an address that is not the
// wanted one.
func (t Target) changesBackend(now Layers) bool {
	path := slices.Concat(t.otlpPath(), []string{"endpoint"})
	address := overlay.Text(helm.Merge(now.Lower, now.Own), path...)
	if given, found := Flags(texts(now.arguments()))[strings.Join(path, ".")]; found {
		address = given
	}
	return address != "" && origin(address) != origin(t.Address)
}

// origin is scheme, host and port of an address, or what is in front of its path.
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
func (t Target) backendSettingsIn(at Layers) []backendSetting {
	all := []backendSetting{}
	for _, path := range t.backendPaths(at.Own) {
		all = append(all, backendSetting{path: path})
	}
	for _, flag := range t.backendFlags(Flags(texts(at.arguments()))) {
		all = append(all, backendSetting{argumentsPath, flag})
	}
	return all
}

// backendFlags are those among flags.
func (t Target) backendFlags(flags map[string]string) []string {
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
func (t Target) backendPaths(tree map[string]any) [][]string {
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
func (t Target) refuseFixed(in Found) error {
	for _, place := range in.Fixed {
		if paths := t.backendPaths(place.Values); len(paths) > 0 {
			return fault.New(fault.Conflict, "remove it there; nothing was changed",
				"%s: %s in %s would go along to %s", in.Name, strings.Join(paths[0], "."), place.Name, origin(t.Address))
		}
	}
	return nil
}

// removeBackendSettings takes the settings out of the values and the arguments.
func (t Target) removeBackendSettings() (values, arguments []overlay.Setting) {
	for _, setting := range t.backendSettings {
		entry := overlay.Setting{Path: setting.path, Item: setting.item, Remove: true}
		if setting.item != "" {
			arguments = append(arguments, entry)
			continue
		}
		values = append(values, entry)
	}
	return values, arguments
}

// place is where a setting is in the values.
func (s backendSetting) place() Place {
	return Place{s.path, s.item, overlay.Setting{Path: s.path, Item: s.item}.String()}
}

// RemovedBackendSettings are the places of what was made for another back end.
func (t Target) RemovedBackendSettings() (places []Place) {
	for _, setting := range t.backendSettings {
		places = append(places, setting.place())
	}
	return places
}

// RemovesBackendSetting reports whether an entry removes such a setting.
func (t Target) RemovesBackendSetting(entry overlay.Setting) bool {
	return slices.ContainsFunc(t.backendSettings, func(s backendSetting) bool { return s.item == entry.Item && slices.Equal(s.path, entry.Path) })
}

// KeptBackendSettings are headers and TLS settings of the user's that stay in these
// values.
func (t Target) KeptBackendSettings(values map[string]any) (places []Place) {
	for _, setting := range t.backendSettingsIn(Layers{Own: values, Lower: t.Base.Lower}) {
		places = append(places, Place{setting.path, setting.item, strings.Join(setting.path, ".")})
	}
	return places
}

// AddressPath is where the values have the address of the back end.
func (t Target) AddressPath() string { return strings.Join(append(t.otlpPath(), "endpoint"), ".") }

// Origin is scheme, host and port of the address, or what is in front of its
// path.
func (t Target) Origin() string { return origin(t.Address) }

// ConflictingBackend refuses a second back end for Traefik v2.
func (t Target) ConflictingBackend(name string) error {
	if t.Version.Export != compat.Zipkin {
		return nil
	}
	flags := Flags(texts(t.Base.arguments()))
	for _, other := range otherBackends {
		_, inOwn := overlay.Get(t.Base.Own, "tracing", other)
		_, inLower := overlay.Get(t.Base.Lower, "tracing", other)
		_, asFlag := flags["tracing."+other]
		if inOwn || inLower || asFlag {
			return fault.New(fault.Conflict, "remove it from Traefik's values; nothing was changed",
				"%s: Traefik %s sends spans to one back end only, and tracing.%s is set", name, t.Number, other)
		}
	}
	return nil
}
