// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/tempo"
)

func TestRefuse(t *testing.T) {
	distributed := func(version, app string) helm.Chart {
		return helm.Chart{Name: "tempo-distributed", Version: version, AppVersion: app}
	}
	cases := map[string]struct {
		reason string
		args   Args
		chart  helm.Chart
		values map[string]any
		want   string
	}{
		"seed":                 {"the procedure's own chart", Args{}, distributed("0.27.9", "1.5.0"), nil, ""},
		"last without kafka":   {"2.26.2 still has ingesters", Args{}, distributed("2.26.2", "2.10.7"), nil, ""},
		"3.x":                  {"it stores nothing", Args{}, distributed("3.3.0", "3.0.3"), nil, "Kafka"},
		"3.x with kafka":       {"a broker is all it needs", Args{Kafka: &Kafka{Address: "k:9092"}}, distributed("3.3.0", "3.0.3"), nil, ""},
		"3.x, kafka in values": {"the free values count", Args{}, distributed("3.3.0", "3.0.3"), map[string]any{"ingest": map[string]any{"kafka": map[string]any{"address": "k:9092"}}}, ""},
		"kafka too early":      {"the chart would ignore it", Args{Kafka: &Kafka{Address: "k:9092"}}, distributed("1.61.3", "2.9.0"), nil, "does not know how to write through Kafka"},
		"opencensus gone":      {"2.10.6 dropped the receiver", Args{Receivers: []tempo.Endpoint{tempo.OpenCensus}}, distributed("2.26.2", "2.10.7"), nil, "no OpenCensus receiver"},
		"opencensus there":     {"2.9.0 has it", Args{Receivers: []tempo.Endpoint{tempo.OpenCensus}}, distributed("1.61.3", "2.9.0"), nil, ""},
		"opencensus in values": {"the seed's values on a chart of today", Args{}, distributed("2.26.2", "2.10.7"), map[string]any{"traces": map[string]any{"opencensus": map[string]any{"enabled": true}}}, "no OpenCensus receiver"},
		"image of 3 on 2":      {"its configuration is another", Args{ImageTag: "3.0.3"}, distributed("2.26.2", "2.10.7"), nil, "does not start"},
		"newer image of 2":     {"the last fix of 2.10", Args{ImageTag: "2.10.8"}, distributed("2.26.2", "2.10.7"), nil, ""},
		"broken release":       {"tempo 2.2.1", Args{}, helm.Chart{Name: "tempo", Version: "2.2.1", AppVersion: "2.10.6"}, nil, "does not start"},
		"repaired release":     {"tempo 2.2.2", Args{}, helm.Chart{Name: "tempo", Version: "2.2.2", AppVersion: "2.10.6"}, nil, ""},
		"too old":              {"it has no extraEnvFrom", Args{}, helm.Chart{Name: "tempo", Version: "0.16.4", AppVersion: "1.5.0"}, nil, "too old"},
		"another chart":        {"nothing is known of it", Args{}, helm.Chart{Name: "loki", Version: "6.0.0"}, nil, "neither"},
		"prefix on 1.5":        {"Tempo parses strictly", Args{S3: S3{Prefix: "a"}}, distributed("0.27.9", "1.5.0"), nil, "s3.prefix"},
		"ingesters of 3.x":     {"there are none", Args{Kafka: &Kafka{Address: "k:9092"}, Sizing: Sizing{Replicas: map[string]int64{"ingester": 1}}}, distributed("3.3.0", "3.0.3"), nil, "replicas.ingester"},
		"spans of the single":  {"its chart has no key for it", Args{LogReceivedSpans: true}, helm.Chart{Name: "tempo", Version: "2.2.4", AppVersion: "2.10.8"}, nil, "log_received_spans"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := refuse(test.args, test.chart, test.values)
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.want, test.reason)
			require.Equal(t, fault.Unsupported, fault.KindOf(err))
			require.NotEmpty(t, fault.HintOf(err), "every refusal says what to do instead")
		})
	}
}

func TestStuck(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	dead := kube.Holder{Name: "process 7 on pi1", Since: now.Add(-2 * time.Minute), Until: now.Add(-time.Minute)}
	cases := map[string]struct {
		reason  string
		status  helm.Status
		age     time.Duration
		holder  kube.Holder
		recover bool
		want    string
	}{
		"deployed":           {"nobody works on it", helm.Deployed, time.Minute, kube.Holder{}, true, ""},
		"alive":              {"it is left alone", helm.PendingUpgrade, time.Minute, kube.Holder{Name: "process 7 on pi1", Alive: true}, true, "process 7 on pi1 works on it"},
		"died":               {"the lease proves it", helm.PendingUpgrade, 90 * time.Second, dead, true, ""},
		"died, no repair":    {"the user does not want it", helm.PendingUpgrade, 90 * time.Second, dead, false, "has died"},
		"another Helm's":     {"it may still work", helm.PendingInstall, time.Minute, kube.Holder{}, true, "another Helm client"},
		"another Helm's old": {"nobody waits so long", helm.PendingInstall, time.Hour, kube.Holder{}, true, ""},
		"an older lease":     {"the dead one did not make this revision", helm.PendingRollback, 10 * time.Second, dead, true, "another Helm client"},
		"half deleted":       {"an uninstall that died", helm.Uninstalling, time.Hour, kube.Holder{}, true, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			state := State{args: Args{Release: "tempo", Namespace: "tracing", WaitTimeout: 10 * time.Minute, Recover: test.recover},
				Release: helm.Release{Status: test.status, Updated: now.Add(-test.age)}, Holder: test.holder, Read: now}
			err := state.stuck()
			if test.want == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.ErrorContains(t, err, test.want, test.reason)
		})
	}
}
