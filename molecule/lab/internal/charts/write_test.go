// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/repo"
)

func TestWriteCreatesARepository(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "here")
	require.NoError(t, Write(dir, ownChart(t, "9.0.0")))
	index, err := repo.LoadIndexFile(filepath.Join(dir, "index.yaml"))
	require.NoError(t, err)
	versions := map[string][]string{
		"tempo":             {"9.0.0", "3.1.1", "3.1.0", "3.0.0", "2.2.4", "2.2.1", "1.24.4", "0.16.6"},
		"tempo-distributed": {"3.3.0", "2.26.2", "2.17.10", "2.17.9", "1.61.3", "1.41.0", "1.40.0", "0.27.9"},
		"traefik": {"41.4.2+up41.4.0", "41.3.0", "39.0.701+up39.0.7", "39.0.7", "34.2.1+up34.2.0", "34.2.0", "28.0.0",
			"27.0.201+up27.0.2", "27.0.2", "25.0.3+up25.0.0", "25.0.0", "20.3.1+up20.3.0", "20.3.1", "10.19.3"},
	}
	require.Len(t, index.Entries, 3)
	for name, want := range versions {
		var got []string
		for _, v := range index.Entries[name] {
			got = append(got, v.Version)
			checkPackage(t, dir, v)
		}
		require.ElementsMatch(t, want, got, name)
	}
}

// checkPackage reads a package as Helm does and compares it with its index entry.
func checkPackage(t *testing.T, dir string, v *repo.ChartVersion) {
	t.Helper()
	file := v.Name + "-" + v.Version + ".tgz"
	require.Equal(t, []string{file}, v.URLs, "relative to the index")
	raw, err := os.ReadFile(filepath.Join(dir, file))
	require.NoError(t, err)
	sum := sha256.Sum256(raw)
	require.Equal(t, hex.EncodeToString(sum[:]), v.Digest, file)
	ch, err := loader.LoadFile(filepath.Join(dir, file))
	require.NoError(t, err)
	require.Equal(t, v.AppVersion, ch.Metadata.AppVersion, file)
	require.NotEmpty(t, ch.Values, file)
	closed := map[string]bool{"traefik-34.2.0.tgz": true, "traefik-39.0.7.tgz": true, "traefik-41.3.0.tgz": true}
	require.Equal(t, closed[file], len(ch.Schema) > 0, "a schema only where the real chart has one: %s", file)
	require.NotContains(t, string(ch.Schema), "description", file)
}

func TestWriteIsDeterministic(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	require.NoError(t, Write(a, ""))
	require.NoError(t, Write(b, ""))
	require.NoError(t, Write(b, ""), "a second run into the same folder")
	files, err := os.ReadDir(a)
	require.NoError(t, err)
	require.Len(t, files, 30)
	for _, f := range files {
		one, err := os.ReadFile(filepath.Join(a, f.Name()))
		require.NoError(t, err)
		two, err := os.ReadFile(filepath.Join(b, f.Name()))
		require.NoError(t, err)
		require.Equal(t, one, two, f.Name())
	}
}

func TestWriteErrorNamesTheFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, Write(file, ""), "making the folder of the chart repository")
}

func TestOwnChartsTakeThePlaceOfTestCharts(t *testing.T) {
	own, dir := ownChart(t, "2.2.4"), t.TempDir()
	index := repo.NewIndexFile()
	for _, version := range []string{"2.2.4", "2.2.1"} {
		require.NoError(t, index.MustAdd(&chart.Metadata{APIVersion: "v2", Name: "tempo", Version: version, Description: "a test chart"}, "tempo.tgz", "", ""))
	}
	require.NoError(t, addOwn(dir, own, index))
	found := map[string]string{}
	for _, v := range index.Entries["tempo"] {
		require.NotContains(t, found, v.Version, "each version is there once")
		found[v.Version] = v.Description
	}
	require.Equal(t, map[string]string{"2.2.4": "somebody's own", "2.2.1": "a test chart"}, found)
	require.NoError(t, os.WriteFile(filepath.Join(own, "broken.tgz"), []byte("no chart"), 0o600))
	require.ErrorContains(t, addOwn(dir, own, index), "add the chart "+filepath.Join(own, "broken.tgz"))
}

// ownChart is a folder with a version of a chart called tempo.
func ownChart(t *testing.T, version string) string {
	t.Helper()
	folder, values := t.TempDir(), map[string]any{"replicas": 1}
	_, err := chartutil.Save(&chart.Chart{
		Metadata: &chart.Metadata{APIVersion: "v2", Name: "tempo", Version: version, Description: "somebody's own"}, Values: values,
		Raw: []*chart.File{{Name: chartutil.ValuesfileName, Data: []byte("replicas: 1\n")}},
	}, folder)
	require.NoError(t, err)
	return folder
}
