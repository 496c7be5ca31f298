// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	tempohelm "github.com/picluster/tracing/modules/tempo_helm"
)

func TestInvalidNumbersNameTheRightSpelling(t *testing.T) {
	inner := func(option, key string, value any) map[string]any {
		return map[string]any{option: map[string]any{key: value}}
	}
	size := func(value any) map[string]any { return inner("persistence", "size", value) }
	endpoint := func(text string) map[string]any { return inner("s3", "endpoint", text) }
	cases := map[string]struct {
		reason  string
		options map[string]any
		want    string
	}{
		"gibibytes":          {"as Kubernetes writes them", size("10Gi"), ""},
		"bytes":              {"as the API server counts them", size(json.Number("10737418240")), ""},
		"half":               {"a fraction with a unit", size("1.5Ti"), ""},
		"gigabytes":          {"decimal", size("10G"), ""},
		"number":             {"five bytes", size(json.Number("5")), "persistence.size has no unit, so that it would mean 5 bytes: write 5Gi for gibibytes"},
		"number as text":     {"five bytes", size("5"), "persistence.size has no unit, so that it would mean 5 bytes: write 5Gi for gibibytes"},
		"GB":                 {"as shops write it", size("5GB"), "persistence.size has a unit that Kubernetes does not know: write 5G"},
		"Gb":                 {"the same", size("5Gb"), "persistence.size has a unit that Kubernetes does not know: write 5G"},
		"GiB":                {"as the standard writes it", size("5GiB"), "persistence.size has a unit that Kubernetes does not know: write 5Gi"},
		"small letters":      {"not a unit of Kubernetes", size("5gi"), "persistence.size has a unit that Kubernetes does not know: write 5Gi"},
		"MB":                 {"another size", size("500MB"), "persistence.size has a unit that Kubernetes does not know: write 500M"},
		"TiB":                {"another size", size("1TiB"), "persistence.size has a unit that Kubernetes does not know: write 1Ti"},
		"blank":              {"a blank before the unit", size("5 Gi"), "persistence.size has a unit that Kubernetes does not know: write 5Gi"},
		"word":               {"not a number", size("large"), "persistence.size must be a quantity of Kubernetes, such as 10Gi"},
		"negative":           {"not a size", size("-5Gi"), "persistence.size must be a quantity of Kubernetes, such as 10Gi"},
		"thousandths":        {"m is milli", size("5m"), "persistence.size would be less than 1Mi: write 5Gi for gibibytes"},
		"nothing":            {"an empty volume", size("0Gi"), "persistence.size would be less than 1Mi: write 0Gi for gibibytes"},
		"too large":          {"more than an API server counts", size("9999999999Gi"), "persistence.size must be at most 1Ei"},
		"retention of days":  {"Go has no unit for days", map[string]any{"retention": "2d"}, "retention must be a duration such as 48h; days are not understood"},
		"retention":          {"the limit is a hundred years", map[string]any{"retention": "876000h"}, ""},
		"endless retention":  {"beyond any date", map[string]any{"retention": "2000000h"}, "retention must be at most 876000h, which are a hundred years"},
		"no retention":       {"everything would be deleted at once", map[string]any{"retention": "1ms"}, "retention must be at least 1m: Tempo would delete traces before anybody could look at them"},
		"bucket":             {"no store has one of this name", map[string]any{"s3": map[string]any{"bucket": "my bucket", "endpoint": "minio:9000"}}, "s3.bucket must be one word of letters, digits and signs, without blanks, line breaks and letters such as ä"},
		"tag":                {"no registry has it, which pods would tell late", map[string]any{"image_tag": "2.7 "}, "image_tag must be one word of letters, digits and signs, without blanks, line breaks and letters such as ä"},
		"history":            {"negative", map[string]any{"history_max": json.Number("-1")}, "history_max must not be negative"},
		"history 1e300":      {"a float", map[string]any{"history_max": json.Number("1e+300")}, "history_max must be a smaller number"},
		"wait of nothing":    {"no limit at all", map[string]any{"wait_timeout": json.Number("0")}, "wait_timeout must be longer than 0"},
		"wait without end":   {"overflows", map[string]any{"wait_timeout": json.Number("1e+300")}, "wait_timeout must be at most 24h"},
		"copies":             {"none", map[string]any{"replication_factor": json.Number("0")}, "replication_factor must be at least 1"},
		"pods":               {"a misplaced zero", inner("replicas", "querier", json.Number("10000")), "replicas.querier must be at most 1000"},
		"label":              {"a boolean", map[string]any{"node_selector": map[string]any{"ssd": true}}, "node_selector.ssd must be a string, but YAML turns words such as true, yes and on into booleans: put it in quotes"},
		"endpoint":           {"not a port", endpoint("s3.example.com:99999"), "s3.endpoint must have a port between 1 and 65535"},
		"endpoint at 0":      {"not a port", endpoint("s3.example.com:0"), "s3.endpoint must have a port between 1 and 65535"},
		"endpoint with IPv6": {"brackets", endpoint("[::1]:9000"), ""},
		"endpoint without":   {"port alone", endpoint(":9000"), "s3.endpoint must be host:port"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			options := map[string]any{"state": "absent"}
			for name, value := range test.options {
				options[name] = value
			}
			if s3, given := options["s3"].(map[string]any); given && s3["bucket"] == nil {
				s3["bucket"] = "b"
			}
			_, err := tempohelm.New().Options().Decode(options, func(string) (string, bool) { return "", false })
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.want, test.reason)
		})
	}
}
