// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"slices"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
)

// Where traces are kept.
const (
	// ObjectStorage is an S3 store.
	ObjectStorage = "s3"
	// LocalStorage is the volume of the one pod, on one node.
	LocalStorage = "local"
)

// defaultVolume is as large as the charts' own.
const defaultVolume = "10Gi"

// Local reports whether traces are kept on a volume.
func (c Config) Local() bool { return c.Storage == LocalStorage }

// Completed is the configuration with the volume that local storage needs, unless
// the user's values have one.
func (c Config) Completed() Config {
	if c.Local() && !c.KeepsVolumes() {
		c.Persistence = &Persistence{Size: defaultVolume}
	}
	return c
}

// ValidateStorage checks the options about the storage against each other.
func (c Config) ValidateStorage() error {
	given := c.S3.Bucket != ""
	switch {
	case c.Local() && given:
		return fault.New(fault.Usage, "leave one of them out", "s3 has no effect with storage: local, by which traces are kept on a volume")
	case c.Local():
		return nil
	case !given:
		return fault.New(fault.Usage, "give the store, or set storage: local (tempo_storage in the role) to keep traces on a volume of one node",
			"s3 is required when state is present and storage is s3")
	}
	return c.S3.Validate()
}

// oneNode refuses local storage where several pods would have to share it.
func oneNode(config Config, chart helm.Chart, _ map[string]any) error {
	if !config.Local() || chart.Name == compat.TempoMonolithic {
		return nil
	}
	return fault.New(fault.Unsupported, "give an S3 store in s3 (minio_endpoint in the role), or set mode: monolithic", "chart %s: storage: local is for all of Tempo in one pod", chart.ID())
}

// storage is storage.trace of chart tempo. The paths of the local one are the
// chart's own, below /var/tempo, where it mounts its volume.
func (c Composer) storage() map[string]any {
	if c.Config.Local() {
		return map[string]any{"backend": LocalStorage}
	}
	return map[string]any{"backend": ObjectStorage, "s3": c.s3()}
}

// stored: the bucket is that of the options.
func stored(r Rendered, c Config) bool {
	return r.hasValue(ObjectStorage, "storage.trace.backend") && r.hasValue(c.S3.Bucket, "storage.trace.s3.bucket") && r.hasValue(c.S3.Endpoint, "storage.trace.s3.endpoint") &&
		(c.S3.Region == "" || r.hasValue(c.S3.Region, "storage.trace.s3.region")) && (c.S3.Prefix == "" || r.hasValue(c.S3.Prefix, "storage.trace.s3.prefix"))
}

// storedHere: Tempo writes below where its volume is.
func storedHere(r Rendered, _ Config) bool { return r.hasValue(LocalStorage, "storage.trace.backend") }

// traces are where the values of the two charts have storage.trace.
var traces = [][]string{{"tempo", "storage", "trace"}, {"storage", "trace"}}

// BucketOf is the bucket in which a release with these values keeps its traces,
// "" for none.
func BucketOf(values map[string]any) string {
	for _, place := range traces {
		if helm.Lookup(values, in(place, "backend")...) == ObjectStorage {
			bucket, _ := helm.Lookup(values, in(in(place, "s3"), "bucket")...).(string)
			return bucket
		}
	}
	return ""
}

// KeepsLocally reports whether a release with these values keeps its traces on its
// own disk.
func KeepsLocally(values map[string]any) bool {
	return slices.ContainsFunc(traces, func(place []string) bool { return helm.Lookup(values, in(place, "backend")...) == LocalStorage })
}
