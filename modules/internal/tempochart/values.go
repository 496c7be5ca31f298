// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// CA is the CA of the object storage.
type CA struct {
	// Secret that holds it, with the entry CAEntry; "" for none.
	Secret string
	// Checksum changes when a certificate does.
	Checksum string
}

// CAEntry is the entry of a Secret with a CA, and caFolder where the pods find it.
const (
	CAEntry  = "ca.crt"
	caFolder = "/etc/picluster-tracing/s3-ca"
)

// Composer makes the values for one version of a chart.
type Composer struct {
	Config Config
	Chart  helm.Chart
	// Credentials is the Secret with the keys of the object storage; Checksum
	// changes when a key does.
	Credentials, Checksum string
	CA                    CA
}

// Compose makes the values that the options ask for, with the user's own merged
// last, in normal form.
func (c Composer) Compose() (map[string]any, error) {
	values := c.distributed()
	if c.Chart.Name == compat.TempoMonolithic {
		values = c.monolithic()
	}
	if place := compat.StreamKey(c.Chart.Name, c.Chart.Version); c.Config.Streaming && place != nil {
		helm.Set(values, true, place...)
	}
	if c.Config.UsageReport != nil {
		helm.Set(values, *c.Config.UsageReport, c.reportKey()...)
	}
	all := helm.Merge(values, join(values, c.Config.Values))
	c.limitMemory(all)
	return helm.Normal(all)
}

// reportKey is where the values of a chart switch the usage report. Tempo 1.5
// has it, but chart tempo-distributed of that time has no key for it.
func (c Composer) reportKey() []string {
	for _, place := range [][]string{{"reportingEnabled"}, {"tempo", "reportingEnabled"}} {
		if helm.Lookup(c.Chart.Defaults, place...) != nil {
			return place
		}
	}
	return []string{"tempo", "structuredConfig", "usage_report", "reporting_enabled"}
}

// tempo is the version of the program.
func (c Composer) tempo() string { return c.Config.tempoVersion(c.Chart) }

// s3 is storage.trace.s3, whose keys are Tempo's own in both charts. The
// credentials are not among them.
func (c Composer) s3() map[string]any {
	options := c.Config.S3
	values := map[string]any{"bucket": options.Bucket, "endpoint": options.Endpoint, "insecure": options.Insecure, "forcepathstyle": options.PathStyle}
	if options.Region != "" {
		values["region"] = options.Region
	}
	if options.Prefix != "" {
		values["prefix"] = options.Prefix
	}
	if !options.ValidateCerts {
		values[c.skipVerifyKey()] = true
	}
	if c.CA.Secret != "" && c.namesCA() {
		values["tls_ca_path"] = caFolder + "/" + CAEntry
	}
	return values
}

func (c Composer) skipVerifyKey() string {
	if compat.TempoHas(compat.Tempo, compat.TLSKeys, c.tempo()) {
		return "tls_insecure_skip_verify"
	}
	return "insecure_skip_verify"
}

// envFrom hands the credentials to a container.
func (c Composer) envFrom() []any {
	return []any{map[string]any{"secretRef": map[string]any{"name": c.Credentials}}}
}

// podAnnotations restart the pods when the credentials or the CA change;
// Kubernetes does not do that for a changed Secret.
func (c Composer) podAnnotations() map[string]any {
	annotations := map[string]any{"checksum/s3-credentials": c.Checksum}
	if c.CA.Secret != "" {
		annotations["checksum/s3-ca"] = c.CA.Checksum
	}
	return annotations
}

// receivers are those asked for, or the seed procedure's, as far as this Tempo
// has them.
func (c Composer) receivers() []tempo.Endpoint {
	if c.Config.Receivers != nil {
		return c.Config.Receivers
	}
	seed := []tempo.Endpoint{tempo.OTLPgRPC, tempo.OTLPHTTP, tempo.Zipkin, tempo.JaegerThriftCompact, tempo.JaegerThriftHTTP}
	if compat.TempoHas(compat.Tempo, compat.OpenCensus, c.Config.runs(c.Chart, distributorKey)) {
		seed = append(seed, tempo.OpenCensus)
	}
	return seed
}

func (c Composer) receives(receiver tempo.Endpoint) bool {
	return slices.Contains(c.receivers(), receiver)
}

func (c Composer) has(feature compat.Feature) bool {
	return compat.TempoHas(c.Chart.Name, feature, c.Chart.Version)
}

// carries reports whether the lists under the key carry the credentials and the CA
// into the pods.
func carries(key string) bool {
	switch key {
	case "extraEnvFrom", "extraEnv", "extraVolumes", "extraVolumeMounts":
		return true
	}
	return false
}

// join returns over with our items in front of the user's in every list that
// is a carrier: a list of the user's would replace ours, and Tempo could not
// speak to the object storage.
func join(base, over map[string]any) map[string]any {
	joined := map[string]any{}
	for key, value := range over {
		ours, ok := base[key].([]any)
		theirs, both := value.([]any)
		if ok && both && carries(key) {
			value = append(slices.Clone(ours), theirs...)
		}
		inner, ok := base[key].(map[string]any)
		outer, both := value.(map[string]any)
		if ok && both {
			value = join(inner, outer)
		}
		joined[key] = value
	}
	return joined
}

// mountCA mounts the CA of the object storage into a component's pods; container
// and pod are the places of its values, which are one but for the chart tempo.
func (c Composer) mountCA(values map[string]any, container, pod []string) {
	if c.CA.Secret == "" {
		return
	}
	const volume = "s3-ca"
	helm.Set(values, []any{map[string]any{"name": volume, "secret": map[string]any{"secretName": c.CA.Secret}}}, in(pod, "extraVolumes")...)
	helm.Set(values, []any{map[string]any{"name": volume, "mountPath": caFolder, "readOnly": true}}, in(container, "extraVolumeMounts")...)
	if !c.namesCA() {
		helm.Set(values, []any{map[string]any{"name": certificateFolders, "value": caFolder}}, in(container, "extraEnv")...)
	}
}

// certificateFolders names the folders whose certificates a Go program trusts
// besides the system's file (go1.18 crypto/x509/root_unix.go). It is the way
// for a Tempo whose configuration has no place for a CA.
const certificateFolders = "SSL_CERT_DIR"

// namesCA reports whether Tempo's configuration names the CA.
func (c Composer) namesCA() bool {
	return compat.TempoHas(compat.Tempo, compat.TLSKeys, c.tempo())
}

func in(place []string, key string) []string { return append(append([]string{}, place...), key) }
