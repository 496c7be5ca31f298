// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// composer makes the values for one version of a chart.
type composer struct {
	args  Args
	chart helm.Chart
	// tempo is the version of the program.
	tempo string
	// checksum of the credentials.
	checksum string
	ca       CABundle
}

// compose makes the values that the options ask for, with the user's own merged
// last, in normal form.
func (c composer) compose() (map[string]any, error) {
	values := c.distributed()
	if c.chart.Name == compat.TempoMonolithic {
		values = c.monolithic()
	}
	return helm.Normal(helm.Merge(values, join(values, c.args.Values)))
}

// s3 is storage.trace.s3, whose keys are Tempo's own in both charts. The
// credentials are not among them.
func (c composer) s3() map[string]any {
	options := c.args.S3
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
	if c.ca.Name != "" && c.namesCA() {
		values["tls_ca_path"] = caFolder + "/" + caEntry
	}
	return values
}

func (c composer) skipVerifyKey() string {
	if compat.TempoHas(compat.Tempo, compat.TLSKeys, c.tempo) {
		return "tls_insecure_skip_verify"
	}
	return "insecure_skip_verify"
}

// envFrom hands the credentials to a container.
func (c composer) envFrom() []any {
	return []any{map[string]any{"secretRef": map[string]any{"name": c.args.credentials().Name}}}
}

// podAnnotations restart the pods when the credentials or the CA change;
// Kubernetes does not do that for a changed Secret.
func (c composer) podAnnotations() map[string]any {
	annotations := map[string]any{"checksum/s3-credentials": c.checksum}
	if c.ca.Name != "" {
		annotations["checksum/s3-ca"] = c.ca.Checksum()
	}
	return annotations
}

// receivers are those asked for, or the seed procedure's, as far as this Tempo
// has them.
func (c composer) receivers() []tempo.Endpoint {
	if c.args.Receivers != nil {
		return c.args.Receivers
	}
	seed := []tempo.Endpoint{tempo.OTLPgRPC, tempo.OTLPHTTP, tempo.Zipkin, tempo.JaegerThriftCompact, tempo.JaegerThriftHTTP}
	if compat.TempoHas(compat.Tempo, compat.OpenCensus, c.args.runs(c.chart, distributorKey)) {
		seed = append(seed, tempo.OpenCensus)
	}
	return seed
}

func (c composer) receives(receiver tempo.Endpoint) bool {
	return slices.Contains(c.receivers(), receiver)
}

func (c composer) has(feature compat.Feature) bool {
	return compat.TempoHas(c.chart.Name, feature, c.chart.Version)
}
