// SPDX-License-Identifier: AGPL-3.0-or-later

package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// file is a configuration with which the process exits, and what it prints then; with verify, -config.verify is set.
type file struct {
	reason       string
	from, before string
	text         string
	args         []string
	verify       bool
	status       int
	said         []string
	not          string
}

// whole is a file that every version accepts.
const whole = `
server: {http_listen_address: 127.0.0.1, http_listen_port: 0, grpc_listen_address: 127.0.0.1, grpc_listen_port: 0}
storage: {trace: {backend: local, local: {path: FOLDER/blocks}, wal: {path: FOLDER/wal}}}
usage_report: {reporting_enabled: false}
`

// unknown is the error for an unknown key.
func unknown(key, kind string) []string {
	return []string{"yaml: unmarshal errors:", "field " + key + " not found in type " + kind}
}

const parsing = "failed parsing config: failed to parse configFile "

// files are from docs/sources/tempo/configuration and its CHANGELOG: keys that came and went, and what 1.5.0, 2.10.8 and 3.0.3 said.
var files = map[string]file{
	"unknown":                 {reason: "as people know it", text: "nosuch: 1", status: 1, said: unknown("nosuch", "app.Config")},
	"the line":                {reason: "it is named", text: "\n\nnosuch: 1", status: 1, said: []string{"line 3: field nosuch"}},
	"two":                     {reason: "all are named", text: "nosuch: 1\nother: 2", status: 1, said: []string{"line 1: field nosuch", "line 2: field other"}},
	"server":                  {reason: "in a part", text: "server: {nosuch: 1}", status: 1, said: unknown("nosuch", "server.Config")},
	"distributor":             {reason: "in a part", text: "distributor: {nosuch: 1}", status: 1, said: unknown("nosuch", "distributor.Config")},
	"querier":                 {reason: "in a part", text: "querier: {nosuch: 1}", status: 1, said: unknown("nosuch", "querier.Config")},
	"query frontend":          {reason: "in a part", text: "query_frontend: {nosuch: 1}", status: 1, said: unknown("nosuch", "frontend.Config")},
	"store":                   {reason: "in a part", text: "storage: {trace: {nosuch: 1}}", status: 1, said: unknown("nosuch", "tempodb.Config")},
	"S3":                      {reason: "in a part", text: "storage: {trace: {s3: {nosuch: 1}}}", status: 1, said: unknown("nosuch", "s3.Config")},
	"gossip":                  {reason: "in a part", text: "memberlist: {nosuch: 1}", status: 1, said: unknown("nosuch", "memberlist.KVConfig")},
	"usage":                   {reason: "in a part", text: "usage_report: {nosuch: 1}", status: 1, said: unknown("nosuch", "usagestats.Config")},
	"no truth":                {reason: "a word for a truth", text: "multitenancy_enabled: perhaps", status: 1, said: []string{"cannot unmarshal !!str `perhaps` into bool"}},
	"no number":               {reason: "a word for a number", text: "server: {http_listen_port: web}", status: 1, said: []string{"cannot unmarshal !!str `web` into int"}},
	"no time":                 {reason: "a word for a time", text: "storage: {trace: {blocklist_poll: often}}", status: 1, said: []string{"cannot unmarshal !!str `often` into time.Duration"}},
	"no map":                  {reason: "a word for a part", text: "server: web", status: 1, said: []string{"cannot unmarshal !!str `web` into server.Config"}},
	"twice":                   {reason: "a key once", text: "server: {http_listen_port: 1, http_listen_port: 2}", status: 1, said: []string{"already set in type server.Config"}},
	"search switch":           {reason: "it went with 2.0", from: "2.0", text: "search_enabled: true", status: 1, said: unknown("search_enabled", "app.Config")},
	"generator switch":        {reason: "it went with 2.0", from: "2.0", text: "metrics_generator_enabled: true", status: 1, said: unknown("metrics_generator_enabled", "app.Config")},
	"streaming":               {reason: "it came with 2.2", before: "2.2", text: "stream_over_http_enabled: true", status: 1, said: unknown("stream_over_http_enabled", "app.Config")},
	"CA":                      {reason: "it came with 2.2", before: "2.2", text: "storage: {trace: {s3: {tls_ca_path: a}}}", status: 1, said: unknown("tls_ca_path", "s3.Config")},
	"skip verify":             {reason: "it went with 2.2", from: "2.2", text: "storage: {trace: {s3: {insecure_skip_verify: true}}}", status: 1, said: unknown("insecure_skip_verify", "s3.Config")},
	"prefix":                  {reason: "it came with 2.2", before: "2.2", text: "storage: {trace: {s3: {prefix: a}}}", status: 1, said: unknown("prefix", "s3.Config")},
	"cache":                   {reason: "it came with 2.4", before: "2.4", text: "cache: {}", status: 1, said: unknown("cache", "app.Config")},
	"scoped overrides":        {reason: "they came with 2.3", before: "2.3", text: "overrides: {defaults: {}}", status: 1, said: unknown("defaults", "overrides.Limits")},
	"wrong overrides":         {reason: "in neither form", from: "2.3", text: "overrides: {nosuch: 1}", status: 1, said: []string{"failed to unmarshal config: ", "also failed in legacy format: ", "field nosuch not found in type overrides.legacyConfig"}},
	"compactor":               {reason: "it went with 3", from: "3.0", text: "compactor: {compaction: {block_retention: 1h}}", status: 1, said: unknown("compactor", "app.Config")},
	"ingester":                {reason: "it went with 3", from: "3.0", text: "ingester: {max_block_duration: 1h}", status: 1, said: unknown("ingester", "app.Config")},
	"ingester client":         {reason: "it went with 3", from: "3.0", text: "ingester_client: {}", status: 1, said: unknown("ingester_client", "app.Config")},
	"live store":              {reason: "it came with 2.9", before: "2.9", text: "live_store: {}", status: 1, said: unknown("live_store", "app.Config")},
	"memory":                  {reason: "it came with 3", before: "3.0", text: "memory: {automemlimit_enabled: true}", status: 1, said: unknown("memory", "app.Config")},
	"old tracer":              {reason: "it went with 2.7", from: "2.7", text: "use_otel_tracer: true", status: 1, said: unknown("use_otel_tracer", "app.Config")},
	"unknown target":          {reason: "no such part", text: whole, args: []string{"-target=nosuch"}, status: 1, said: []string{"unrecognised module name: nosuch"}},
	"compactor, 3":            {reason: "it went with 3", from: "3.0", text: whole, args: []string{"-target=compactor"}, status: 1, said: []string{"unrecognised module name: compactor"}},
	"querier alone":           {reason: "it asks for its work", text: whole, args: []string{"-target=querier"}, status: 1, said: []string{"frontend worker address not specified"}},
	"unknown receiver":        {reason: "it is named", text: whole + "distributor: {receivers: {nosuch: {}}}", status: 1, said: []string{"nosuch"}},
	"unknown key of Zipkin's": {reason: "receivers read strictly", text: whole + "distributor: {receivers: {zipkin: {nosuch: 1}}}", status: 1, said: []string{"nosuch"}},
	"no protocol":             {reason: "OTLP has two", before: "2.0", text: whole + "distributor: {receivers: {otlp: {}}}", status: 1, said: []string{"empty config for OTLP receiver"}},
	"OpenCensus":              {reason: "it went with 2.9.3 and 2.10.6", from: "2.11", text: whole + "distributor: {receivers: {opencensus: {}}}", status: 1, said: []string{"opencensus"}},
	"no store":                {reason: "one is needed", text: "usage_report: {reporting_enabled: false}\nserver: {http_listen_port: 0, grpc_listen_port: 0}", status: 1, said: []string{"failed to init module services", "store: failed to create store"}},
	"short bucket":            {reason: "the client refuses it", text: "usage_report: {reporting_enabled: false}\nserver: {http_listen_port: 0, grpc_listen_port: 0}\nstorage: {trace: {backend: s3, s3: {bucket: b, endpoint: \"127.0.0.1:1\", insecure: true, access_key: a, secret_key: b}, wal: {path: FOLDER/wal}}}", status: 1, said: []string{"unexpected error from ListObjects on b: Bucket name cannot be shorter than 3 characters"}},
	"expand without a value":  {reason: "-config.expand-env=true is right", from: "2.0", text: whole, args: []string{"-config.expand-env"}, status: 2, said: []string{"flag needs an argument: -config.expand-env"}},
	"no block version":        {reason: "there is none like it", from: "2.10", text: strings.Replace(whole, "backend: local", "block: {version: nosuch}, backend: local", 1), status: 1, said: []string{"failed to create store: invalid config while creating tempodb: ", "failed to validate block version nosuch: nosuch is not a valid block version"}},
	"an old block version":    {reason: "it went with 3", from: "3.0", text: strings.Replace(whole, "backend: local", "block: {version: v2}, backend: local", 1), status: 1, said: []string{"v2 is not a valid block version"}},
	"unknown flag":            {reason: "flags are read, too", from: "2.0", text: whole, args: []string{"-nosuch"}, status: 2, said: []string{"flag provided but not defined: -nosuch"}},
	"flat overrides, 3":       {reason: "they have to be asked for", from: "3.0", text: whole + "overrides: {ingestion_rate_limit_bytes: 1}", status: 1, said: []string{"DEPRECATED: legacy overrides config format detected but legacy overrides are disabled by default"}},

	"verify":                    {reason: "nothing is wrong", from: "2.1", verify: true, text: whole, status: 0, not: "failed parsing config"},
	"verify, unknown":           {reason: "it is told", from: "2.1", verify: true, text: "nosuch: 1", status: 1, said: append(unknown("nosuch", "app.Config"), parsing)},
	"verify, warning":           {reason: "that fails, too", from: "2.1", verify: true, text: whole + "distributor: {log_received_spans: {enabled: true}}", status: 1, said: []string{"CONFIGURATION WARNINGS", "Span logging is enabled. This is for debugging only"}, not: "failed parsing config"},
	"verify, flat overrides":    {reason: "they are old", from: "2.3", before: "3.0", verify: true, text: whole + "overrides: {ingestion_rate_limit_bytes: 1}", status: 1, said: []string{"Inline, unscoped overrides are deprecated. Please use the new overrides config format."}},
	"verify, scoped overrides":  {reason: "nothing is wrong", from: "2.3", verify: true, text: whole + "overrides: {defaults: {ingestion: {rate_limit_bytes: 1}}}", status: 0},
	"verify, flat overrides, 3": {reason: "they are about to go", from: "3.0", verify: true, text: whole + "overrides: {ingestion_rate_limit_bytes: 1}", status: 1, said: []string{"DEPRECATED: Legacy (flat, unscoped) overrides format is in use"}},
	"verify, poll":              {reason: "blocks would not be seen", from: "2.1", before: "3.0", verify: true, text: whole + "ingester: {complete_block_timeout: 1s}", status: 1, said: []string{"ingester.complete_block_timeout < storage.trace.blocklist_poll"}},
	"verify, poll, 3":           {reason: "blocks would not be seen", from: "3.0", verify: true, text: whole + "live_store: {complete_block_timeout: 1s}", status: 1, said: []string{"live_store.complete_block_timeout < storage.trace.blocklist_poll"}},
	"verify, receivers":         {reason: "they are read later", from: "2.1", verify: true, text: whole + "distributor: {receivers: {nosuch: {}}}", status: 0},
	"verify, variable":          {reason: "it is put in", from: "2.1", verify: true, args: []string{"-config.expand-env=true"}, text: whole + "target: ${NO_SUCH_VARIABLE:-all}", status: 0},
	"verify, days":              {reason: "Prometheus' unit", from: "2.3", verify: true, text: whole + "overrides: {per_tenant_override_period: 1d}", status: 0},
	"verify, null":              {reason: "it stands for the defaults", from: "2.1", verify: true, text: whole + "distributor: {receivers: null}\nquerier: null", status: 0},
	"verify, streaming":         {reason: "2.2 knows it", from: "2.2", verify: true, text: whole + "stream_over_http_enabled: true", status: 0},
	"verify, MCP":               {reason: "2.9 warns of it", from: "2.9", verify: true, text: whole + "query_frontend: {mcp_server: {enabled: true}}", status: 1, said: []string{"c.Frontend.MCPServer.Enabled is enabled."}},
}

func TestConfigurations(t *testing.T) {
	each(t, "", func(t *testing.T, p program) {
		for name, f := range files {
			if !p.among(t, f.from, f.before) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				args := f.args
				if f.verify {
					args = append([]string{"-config.verify=true"}, args...)
				}
				output, status := p.ended(t, f.text, args...)
				require.Equal(t, f.status, status, "%s: %s", f.reason, output)
				for _, part := range f.said {
					require.Contains(t, output, part, f.reason)
				}
				if f.not != "" {
					require.NotContains(t, output, f.not, f.reason)
				}
			})
		}
	})
}
