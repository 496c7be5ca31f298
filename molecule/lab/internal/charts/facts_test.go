// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"fmt"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// facts is what testdata records of one object of a real chart.
type facts struct {
	Component   string   `json:"component,omitempty"`
	PartOf      string   `json:"part-of,omitempty"`
	Headless    bool     `json:"headless,omitempty"`
	Ports       []string `json:"ports,omitempty"`
	Selects     string   `json:"selects,omitempty"`
	Replicas    float64  `json:"replicas,omitempty"`
	Account     string   `json:"account,omitempty"`
	Image       string   `json:"image,omitempty"`
	Args        []string `json:"args,omitempty"`
	Env         []string `json:"env,omitempty"`
	Probes      []string `json:"probes,omitempty"`
	ServiceName string   `json:"serviceName,omitempty"`
	OnePerNode  bool     `json:"onePerNode,omitempty"`
	Keys        []string `json:"keys,omitempty"`
}

// TestRendersLikeTheRealCharts compares every object with facts of the real manifests.
func TestRendersLikeTheRealCharts(t *testing.T) {
	profiles := map[string]string{
		"defaults": "{minio: {enabled: false}}",
		"kafka":    "{ingest: {kafka: {address: 'kafka:9092'}}}",
		"seed":     readTestdata(t, "seed-values.yaml"),
	}
	tests := map[string]struct {
		reason, chart, release, namespace string
		versions                          int
	}{
		"tempo-distributed-1": {"the frozen repository's versions", "tempo-distributed", "tempo", "tracing", 4},
		"tempo-distributed-2": {"the living repository's versions", "tempo-distributed", "tempo", "tracing", 4},
		"tempo":               {"the single binary", "tempo", "tempo", "tracing", 7},
		"traefik":             {"upstream and as packaged by k3s", "traefik", "traefik", "traefik", 13},
	}
	for file, tt := range tests {
		var want map[string]map[string]map[string]facts
		require.NoError(t, yaml.UnmarshalStrict([]byte(readTestdata(t, file+".yaml")), &want))
		require.Len(t, want, tt.versions, tt.reason)
		for version, byProfile := range want {
			for profile, objects := range byProfile {
				t.Run(file+"/"+version+"/"+profile, func(t *testing.T) {
					require.Contains(t, profiles, profile)
					got := map[string]facts{}
					for id, o := range render(t, tt.chart, version, tt.release, tt.namespace, profilesFor(tt.chart, profiles[profile])) {
						got[id] = factsOf(o)
					}
					require.Equal(t, objects, got, tt.reason)
				})
			}
		}
	}
}

// profilesFor keeps minio.enabled out of charts without such a key: traefik's schema would refuse it.
func profilesFor(chart, values string) string {
	if chart == "tempo-distributed" {
		return values
	}
	return "{}"
}

func factsOf(o object) facts {
	f := facts{
		Component: o.str("metadata", "labels", "app.kubernetes.io/component"),
		PartOf:    o.str("metadata", "labels", "app.kubernetes.io/part-of"),
	}
	switch o.str("kind") {
	case "Service":
		serviceFacts(o, &f)
	case "Deployment", "StatefulSet":
		workloadFacts(o, &f)
	case "ConfigMap", "Secret":
		data, _ := o.at("data").(map[string]any)
		for k := range data {
			f.Keys = append(f.Keys, k)
		}
		sort.Strings(f.Keys)
	}
	return f
}

func serviceFacts(o object, f *facts) {
	f.Headless = o.str("spec", "clusterIP") == "None"
	for _, key := range []string{"name", "part-of", "component"} {
		if v := o.str("spec", "selector", "app.kubernetes.io/"+key); v != "" {
			f.Selects = v
		}
	}
	for _, p := range o.list("spec", "ports") {
		f.Ports = append(f.Ports, fmt.Sprintf("%v=%v>%v/%v", p["name"], p["port"], p["targetPort"], orTCP(p["protocol"])))
	}
	sort.Strings(f.Ports)
}

func workloadFacts(o object, f *facts) {
	pod := object(o.at("spec", "template", "spec").(map[string]any))
	main := pod.list("containers")[0]
	f.Replicas, _ = o.at("spec", "replicas").(float64)
	f.Account, f.Image, f.ServiceName = pod.str("serviceAccountName"), main.str("image"), o.str("spec", "serviceName")
	f.OnePerNode = pod.at("affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution") != nil
	args, _ := main.at("args").([]any)
	for _, a := range args {
		f.Args = append(f.Args, fmt.Sprint(a))
	}
	for _, p := range main.list("ports") {
		f.Ports = append(f.Ports, fmt.Sprintf("%v=%v/%v", p["name"], p["containerPort"], orTCP(p["protocol"])))
	}
	sort.Strings(f.Ports)
	for _, e := range main.list("env") {
		f.Env = append(f.Env, e.str("name"))
	}
	for _, probe := range []string{"readinessProbe", "livenessProbe"} {
		if main.at(probe) != nil {
			f.Probes = append(f.Probes, probe)
		}
	}
}

func orTCP(protocol any) any {
	if protocol == nil {
		return "TCP"
	}
	return protocol
}
