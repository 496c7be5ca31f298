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

// stray is a header or a TLS setting that a user has made for another back end.
// A header may be the key to that one, which is not for anybody else.
type stray struct {
	path []string
	// item is the name of its flag among the arguments, "" for a value.
	item string
}

// flag is the stray as Traefik's command line names it, in lower case.
func (s stray) flag() string {
	if s.item != "" {
		return s.item
	}
	return strings.ToLower(strings.Join(s.path, "."))
}

// harmless are headers that are no secret, and that a Tempo of several tenants
// needs.
var harmless = []string{"x-scope-orgid"}

// otlpPath is where values and flags of the way out are, without "enabled".
func (t target) otlpPath() []string {
	if t.grpc() {
		return []string{"tracing", "otlp", "grpc"}
	}
	return []string{"tracing", "otlp", "http"}
}

// straysOf are what goes along to the address that stands in the values now, when
// spans are to go to another. What has been taken away before stays away. One that
// cannot be taken away here is refused.
func (t target) straysOf(found Found) ([]stray, error) {
	if t.version.Export != compat.OTLP {
		return nil, nil
	}
	current, err := found.values()
	if err != nil {
		return nil, err
	}
	now := layers{own: current, lower: found.Lower}
	elsewhere := t.sendsElsewhere(now)
	if elsewhere {
		if err := t.fixed(found); err != nil {
			return nil, err
		}
	}
	there := t.strayIn(now)
	strays := slices.DeleteFunc(t.strayIn(t.base), func(s stray) bool {
		still := slices.ContainsFunc(there, func(other stray) bool { return other.flag() == s.flag() && (other.item == "") == (s.item == "") })
		return still && !elsewhere
	})
	return strays, t.unseen(found, append(there, strays...))
}

// unseen refuses what Traefik runs with beside another address and what stands in
// none of the values that are read here: in globalArguments, or in a Secret.
func (t target) unseen(found Found, known []stray) error {
	flags := effective(found.Workload.Args)
	address := flags[strings.Join(t.otlpPath(), ".")+".endpoint"]
	if address == "" || origin(address) == origin(t.endpoint) {
		return nil
	}
	for _, flag := range t.strayFlags(flags) {
		if !slices.ContainsFunc(known, func(s stray) bool { return s.flag() == flag }) {
			return fault.New(fault.Conflict, "take it out where it is set (globalArguments, valuesSecrets, spec.set); nothing was changed",
				"%s: Traefik runs with --%s, which would go along to %s", found, flag, origin(t.endpoint))
		}
	}
	return nil
}

// sendsElsewhere reports whether the values have an address that is not the
// wanted one.
func (t target) sendsElsewhere(now layers) bool {
	path := slices.Concat(t.otlpPath(), []string{"endpoint"})
	address := text(helm.Merge(now.lower, now.own), path...)
	if given, there := effective(texts(now.arguments()))[strings.Join(path, ".")]; there {
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

// strayIn lists headers and TLS settings in the values that can be changed.
func (t target) strayIn(at layers) []stray {
	all := []stray{}
	for _, path := range t.strayPaths(at.own) {
		all = append(all, stray{path: path})
	}
	for _, flag := range t.strayFlags(effective(texts(at.arguments()))) {
		all = append(all, stray{argumentsPath, flag})
	}
	return all
}

// strayFlags are those among flags.
func (t target) strayFlags(flags map[string]string) []string {
	var all []string
	prefix := strings.Join(t.otlpPath(), ".")
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		header, isHeader := strings.CutPrefix(flag, prefix+".headers.")
		if isHeader && !slices.Contains(harmless, header) || strings.HasPrefix(flag, prefix+".tls.") && !blank(flags[flag]) && !no(flags[flag]) {
			all = append(all, flag)
		}
	}
	return all
}

// strayPaths are their paths in a tree of values.
func (t target) strayPaths(tree map[string]any) [][]string {
	var paths [][]string
	for _, part := range []string{"headers", "tls"} {
		value, _ := overlay.Get(tree, slices.Concat(t.otlpPath(), []string{part})...)
		below, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(below)) {
			if !slices.Contains(harmless, strings.ToLower(name)) && !blank(below[name]) {
				paths = append(paths, slices.Concat(t.otlpPath(), []string{part, name}))
			}
		}
	}
	return paths
}

func blank(value any) bool { return value == nil || value == "" || value == false }

// fixed refuses strays in values that are not changed here.
func (t target) fixed(found Found) error {
	if found.Method != methodConfig {
		return nil
	}
	for _, place := range []struct {
		values map[string]any
		name   string
	}{{found.Lower, "the values of the HelmChart"}, {found.Higher, "spec.values of the HelmChartConfig"}} {
		if paths := t.strayPaths(place.values); len(paths) > 0 {
			return fault.New(fault.Conflict, "take it out there; nothing was changed",
				"%s: %s in %s would go along to %s", found, strings.Join(paths[0], "."), place.name, origin(t.endpoint))
		}
	}
	return nil
}

// away takes the strays out of the values and the arguments.
func (t target) away() (values, arguments []overlay.Entry) {
	for _, stray := range t.strays {
		entry := overlay.Entry{Path: stray.path, Item: stray.item, Remove: true}
		if stray.item != "" {
			arguments = append(arguments, entry)
			continue
		}
		values = append(values, entry)
	}
	return values, arguments
}
