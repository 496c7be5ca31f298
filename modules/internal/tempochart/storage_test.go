// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/helm"
)

func TestLocalStorage(t *testing.T) {
	config := Config{Storage: LocalStorage, Search: true}.Completed()
	for name, chart := range map[string]helm.Chart{
		"Tempo 1.5": monolithicChart("0.16.6", "1.5.0"), "Tempo 2": monolithicChart("2.2.4", "2.10.8"), "Tempo 3": monolithicChart("3.0.0", "3.0.3"),
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, Validate(config, chart, nil))
			values, err := Composer{Config: config, Chart: chart}.Compose()
			require.NoError(t, err)
			require.Equal(t, map[string]any{"backend": "local"}, helm.Lookup(values, "tempo", "storage", "trace"))
			require.Equal(t, true, helm.Lookup(values, "persistence", "enabled"))
			require.Equal(t, "10Gi", helm.Lookup(values, "persistence", "size"))
			require.Nil(t, helm.Lookup(values, "tempo", "extraEnvFrom"))
			require.Nil(t, helm.Lookup(values, "podAnnotations"))
			require.True(t, KeepsLocally(values))
			require.Empty(t, BucketOf(values))
		})
	}
}

func TestVolumeOfLocalStorage(t *testing.T) {
	cases := map[string]struct {
		reason string
		config Config
		want   *Persistence
	}{
		"no size":         {"traces would be lost with the pod", Config{Storage: LocalStorage}, &Persistence{Size: "10Gi"}},
		"a size":          {"the user's size", Config{Storage: LocalStorage, Persistence: &Persistence{Size: "1Gi"}}, &Persistence{Size: "1Gi"}},
		"one in values":   {"the user's values", Config{Storage: LocalStorage, Values: map[string]any{"persistence": map[string]any{"enabled": true}}}, nil},
		"object storage":  {"it needs none", Config{Storage: ObjectStorage}, nil},
		"nothing is said": {"object storage is the default", Config{}, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, test.config.Completed().Persistence, test.reason)
		})
	}
}

func TestValidateStorage(t *testing.T) {
	s3 := seedConfig().S3
	cases := map[string]struct {
		reason  string
		config  Config
		refused string
	}{
		"local":      {"it needs no store", Config{Storage: LocalStorage}, ""},
		"s3":         {"object storage", Config{Storage: ObjectStorage, S3: s3}, ""},
		"not said":   {"object storage is the default", Config{S3: s3}, ""},
		"both":       {"one would have no effect", Config{Storage: LocalStorage, S3: s3}, "s3 has no effect with storage: local, by which traces are kept on a volume"},
		"no store":   {"there is no storage", Config{Storage: ObjectStorage}, "s3 is required when state is present and storage is s3"},
		"wrong keys": {"the keys are checked as well", Config{S3: S3{Bucket: "b", Endpoint: "s3:9000"}}, "s3: access_key and secret_key are both required unless existing_secret is given"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := test.config.ValidateStorage()
			if test.refused == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.refused, test.reason)
		})
	}
}

func TestLocalStorageIsForOnePod(t *testing.T) {
	err := Validate(Config{Storage: LocalStorage}, distributedChart("2.26.2", "2.10.7"), nil)
	require.EqualError(t, err, "chart tempo-distributed-2.26.2: storage: local is for all of Tempo in one pod")
	values, err := Composer{Config: seedConfig(), Chart: distributedChart("2.26.2", "2.10.7")}.Compose()
	require.NoError(t, err)
	require.Equal(t, "k3s-tempo", BucketOf(values))
	require.False(t, KeepsLocally(values))
}
