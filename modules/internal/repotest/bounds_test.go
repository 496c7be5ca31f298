// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	datasource "github.com/picluster/tracing/modules/grafana_datasource"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/registry"
	manifest "github.com/picluster/tracing/modules/k8s_apply"
	linkerd "github.com/picluster/tracing/modules/linkerd_tracing"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
	tempo "github.com/picluster/tracing/modules/tempo_helm"
	probe "github.com/picluster/tracing/modules/trace_probe"
	traefik "github.com/picluster/tracing/modules/traefik_tracing"
)

// A number becomes a date, a duration or a count somewhere, and overflows there
// if nothing bounds it before.
func TestEveryNumberIsBounded(t *testing.T) {
	numbers := 0
	for _, module := range modules() {
		table := registry.Modules[module]().Options()
		for path, row := range rows("", table.Options) {
			if !slices.Contains([]option.Type{option.Int, option.Float, option.Duration}, row.Type) {
				continue
			}
			numbers++
			for _, value := range []any{json.Number("-1"), json.Number("1e300"), "1e300", json.Number("99999999999"), "99999999999", json.Number("9e999999"), "NaN", ".inf"} {
				require.True(t, refused(table, path, value), "%s: %s may be %v", module, path, value)
			}
		}
	}
	require.Greater(t, numbers, 20, "no table was found")
}

func TestMapsOfTextDeclareIt(t *testing.T) {
	for _, module := range modules() {
		table := registry.Modules[module]().Options()
		for path, row := range rows("", table.Options) {
			if row.Type != option.Map || row.Elements != option.Text {
				continue
			}
			for _, value := range []any{true, json.Number("1"), json.Number("9e999999"), []any{}} {
				require.True(t, refused(table, path, map[string]any{"key": value}), "%s: %s may hold %v", module, path, value)
			}
		}
	}
}

// arguments are what the tables fill.
var arguments = map[string]func() any{
	"grafana_datasource": func() any { return new(datasource.Args) },
	"k8s_apply":          func() any { return new(manifest.Args) },
	"linkerd_tracing":    func() any { return new(linkerd.Args) },
	"minio_tempo_bucket": func() any { return new(bucket.Args) },
	"tempo_helm":         func() any { return new(tempo.Args) },
	"trace_probe":        func() any { return new(probe.Args) },
	"traefik_tracing":    func() any { return new(traefik.Args) },
}

// What a table lets through fits the module's arguments, and what it does not is
// told without a type of Go.
func TestOddValuesAreDescribedInWords(t *testing.T) {
	odd := []any{true, json.Number("1"), json.Number("0.5"), json.Number("9e999999"), json.Number("12345678901234567890"), "text", []any{true, json.Number("1"), "a"},
		map[string]any{"a": true, "b": json.Number("1"), "c": []any{}, "d": map[string]any{}, "e": "text", "f": nil}}
	for _, module := range modules() {
		table := registry.Modules[module]().Options()
		for path := range rows("", table.Options) {
			for _, value := range odd {
				values, err := table.Decode(nested(path, value), nothing)
				require.NotRegexp(t, `json:|\bGo\b|struct|map\[|\[\]|int64|float64|interface|%!`, fmt.Sprint(err), "%s: %s: %v", module, path, value)
				require.NoError(t, values.Into(arguments[module]()), "%s: %s: %v", module, path, value)
			}
		}
	}
}

// rows are the options of a table at every depth, by their paths.
func rows(prefix string, list []option.Option) map[string]option.Option {
	all := map[string]option.Option{}
	for _, row := range list {
		path := prefix + row.Name
		all[path] = row
		if row.Type == option.List {
			path += "[]"
		}
		for inner, deeper := range rows(path+".", row.Suboptions) {
			all[inner] = deeper
		}
	}
	return all
}

// nested are the options that have a value at a path.
func nested(path string, value any) map[string]any {
	first, rest, deeper := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(first, "[]")
	if deeper {
		value = nested(rest, value)
	}
	if isList {
		value = []any{value}
	}
	return map[string]any{name: value}
}

// refused reports whether a table finds a fault at a path.
func refused(table option.Table, path string, value any) bool {
	_, err := table.Decode(nested(path, value), nothing)
	var faults *option.Faults
	if !errors.As(err, &faults) {
		return false
	}
	wanted := strings.ReplaceAll(path, "[]", "[0]")
	return slices.ContainsFunc(faults.Texts, func(text string) bool {
		return strings.HasPrefix(text, wanted+" must ") || strings.HasPrefix(text, wanted+".key must ")
	})
}

func nothing(string) (string, bool) { return "", false }
