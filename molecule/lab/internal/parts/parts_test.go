// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is a program that reports a version.
func script(t *testing.T, path, says string) string {
	t.Helper()
	path = filepath.Join(t.TempDir(), path)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho '"+says+"'\n"), 0o700))
	return path
}

// chartFile is a packaged chart with a file, in a folder of its own.
func chartFile(t *testing.T, name, file, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	var packed bytes.Buffer
	plain := gzip.NewWriter(&packed)
	tape := tar.NewWriter(plain)
	require.NoError(t, tape.WriteHeader(&tar.Header{Name: file, Mode: 0o644, Size: int64(len(content))}))
	_, err := tape.Write([]byte(content))
	require.NoError(t, errors.Join(err, tape.Close(), plain.Close(), os.WriteFile(path, packed.Bytes(), 0o600)))
	return path
}

func TestResolve(t *testing.T) {
	old, newer := script(t, "tempo", "tempo, version v1.5.0 (branch: HEAD)"), script(t, "tempo", "tempo, version 2.10.8 (branch: HEAD)")
	mute, unnamed := script(t, "loki", "hello"), script(t, "tempo", "tempo, version  (branch: , revision: )")
	oldest := script(t, "tempo", "Usage of tempo:")
	prometheus := script(t, "prometheus", "prometheus, version 3.3.0 (branch: HEAD)")
	weed := script(t, "weed", "version 30GB 4.53 abc linux amd64")
	grafana := script(t, "home/bin/grafana", "Version 13.2.0 (commit: abc)")
	minio := script(t, "minio", "minio version RELEASE.2025-09-07T16-13-09Z (commit-id=abc)")
	otelcol := script(t, "otelcol", "otelcol-contrib version 0.150.1")
	chart := filepath.Dir(chartFile(t, "t.tgz", "tempo/Chart.yaml", "{name: tempo, version: 2.2.3}"))
	empty, other := chartFile(t, "e.tgz", "e/values.yaml", "{}"), filepath.Join(t.TempDir(), "text.tgz")
	nameless := chartFile(t, "n.tgz", "n/Chart.yaml", "{name: n}")
	require.NoError(t, os.WriteFile(other, []byte("text"), 0o600))
	cases := map[string]struct {
		reason, variable, value string
		name                    Name
		want                    Part
		err                     string
	}{
		"nothing":         {"the lab's own", "", "", Loki, Part{Name: Loki, From: "a stand-in of the lab", Version: "3.7.8", Pod: true}, ""},
		"one":             {"the program reports its version", "LAB_TEMPO", old, Tempo, Part{Tempo, "a program that LAB_TEMPO names", "1.5.0", []Program{{old, "1.5.0"}}, true, false}, ""},
		"several":         {"each with its version", "LAB_TEMPO", "1.5.0=" + old + ",2.10.8=" + newer, Tempo, Part{Tempo, "a program that LAB_TEMPO names", "1.5.0, 2.10.8", []Program{{old, "1.5.0"}, {newer, "2.10.8"}}, true, false}, ""},
		"wrong version":   {"the program reports another version", "LAB_TEMPO", "2.10.8=" + old, Tempo, Part{}, "read LAB_TEMPO: " + old + " says that it is 1.5.0, not 2.10.8"},
		"several of Loki": {"there is only one Loki", "LAB_LOKI", "/a,/b", Loki, Part{}, `read LAB_LOKI: "/a,/b": one program is enough`},
		"none":            {"no such file", "LAB_LOKI", "/nowhere/loki", Loki, Part{}, "read LAB_LOKI: stat /nowhere/loki: no such file or directory"},
		"folder":          {"a folder is not a program", "LAB_LOKI", filepath.Dir(old), Loki, Part{}, "read LAB_LOKI: " + filepath.Dir(old) + " is no program"},
		"no version":      {"another program", "LAB_LOKI", mute, Loki, Part{}, "read LAB_LOKI: " + mute + ` is not Loki: with -version it prints "hello"`},
		"named":           {"a build without a version", "LAB_TEMPO", "2.9.0=" + unnamed, Tempo, Part{Tempo, "a program that LAB_TEMPO names", "2.9.0", []Program{{unnamed, "2.9.0"}}, true, false}, ""},
		"1.5":             {"it does not know -version", "LAB_TEMPO", "1.5.0=" + oldest, Tempo, Part{Tempo, "a program that LAB_TEMPO names", "1.5.0", []Program{{oldest, "1.5.0"}}, true, false}, ""},
		"not named":       {"the next move", "LAB_TEMPO", unnamed, Tempo, Part{}, "read LAB_TEMPO: " + unnamed + " -version: it tells no version: name it, as in LAB_TEMPO=2.10.8=" + unnamed},
		"named wrongly":   {"versions have three numbers", "LAB_TEMPO", "new=" + unnamed, Tempo, Part{}, `read LAB_TEMPO: "new" is no version such as 2.10.8`},
		"relative":        {"tests run elsewhere", "LAB_LOKI", "bin/loki", Loki, Part{}, `read LAB_LOKI: "bin/loki": give the whole path, from / on`},
		"comma":           {"a path is missing", "LAB_TEMPO", old + ",", Tempo, Part{}, "read LAB_TEMPO: a path is missing"},
		"no path":         {"after the version", "LAB_TEMPO", "1.5.0=", Tempo, Part{}, "read LAB_TEMPO: a path is missing"},
		"twice":           {"one would be left out", "LAB_TEMPO", old + ",1.5.0=" + old, Tempo, Part{}, `read LAB_TEMPO: "` + old + ",1.5.0=" + old + `": 1.5.0 is there twice`},
		"another program": {"mixed up", "LAB_LOKI", old, Loki, Part{}, "read LAB_LOKI: " + old + ` is not Loki: with -version it prints "tempo, version v1.5.0 (branch: HEAD)"`},
		"a Collector?":    {"mixed up", "LAB_OTELCOL", prometheus, Collector, Part{}, "read LAB_OTELCOL: " + prometheus + ` is not OTel Collector: with --version it prints "prometheus, version 3.3.0 (branch: HEAD)"`},
		"Prometheus":      {"make stack runs it", "LAB_PROMETHEUS", prometheus, Prometheus, Part{Prometheus, "a program that LAB_PROMETHEUS names", "3.3.0", []Program{{prometheus, "3.3.0"}}, false, false}, ""},
		"no Prometheus":   {"no such file", "LAB_PROMETHEUS", "/nowhere/prometheus", Prometheus, Part{}, "read LAB_PROMETHEUS: stat /nowhere/prometheus: no such file or directory"},
		"SeaweedFS":       {"make stores runs it", "LAB_S3", weed, OtherStore, Part{OtherStore, "a program that LAB_S3 names", "4.53", []Program{{weed, "4.53"}}, false, false}, ""},
		"the lab's":       {"its own build", "LAB_S3", "seaweedfs", OtherStore, Part{Name: OtherStore, From: "none; make stores has SeaweedFS, built from the Go module github.com/seaweedfs/seaweedfs"}, ""},
		"a store":         {"without its secret", "LAB_S3", "http://CANARY:CANARY@127.0.0.1:9000", OtherStore, Part{Name: OtherStore, From: "a store that LAB_S3 names, at 127.0.0.1:9000"}, ""},
		"no login":        {"it could make no bucket", "LAB_S3", "http://127.0.0.1:9000", OtherStore, Part{}, "read LAB_S3: a store is given as http://KEY:SECRET@HOST:PORT, or https"},
		"no port":         {"the secret is not in the message", "LAB_S3", "http://key:CANARY@127.0.0.1:x", OtherStore, Part{}, "read LAB_S3: a store is given as http://KEY:SECRET@HOST:PORT, or https"},
		"no store":        {"no such program", "LAB_S3", "/nowhere/weed", OtherStore, Part{}, "read LAB_S3: stat /nowhere/weed: no such file or directory"},
		"shared":          {"it would not start in a pod", "LAB_MEMCACHED", "/bin/ls", Memcached, Part{}, "read LAB_MEMCACHED: /bin/ls needs shared libraries, and would not start in an image of its own: bring one that is linked statically"},
		"Grafana":         {"its home folder", "LAB_GRAFANA", filepath.Dir(filepath.Dir(grafana)), Grafana, Part{Grafana, "a program that LAB_GRAFANA names", "13.2.0", []Program{{filepath.Dir(filepath.Dir(grafana)), "13.2.0"}}, false, false}, ""},
		"Collector":       {"the program that people have, with everything in it", "LAB_OTELCOL", otelcol, Collector, Part{Collector, "a program that LAB_OTELCOL names", "0.150.1", []Program{{otelcol, "0.150.1"}}, false, false}, ""},
		"charts":          {"those that somebody has pulled", "LAB_CHARTS", chart, Charts, Part{Charts, "the folder that LAB_CHARTS names; the rest are test charts of the lab", "tempo-2.2.3", []Program{{chart, "tempo-2.2.3"}}, false, false}, ""},
		"no charts":       {"a folder without any", "LAB_CHARTS", "/nowhere", Charts, Part{}, "read LAB_CHARTS: /nowhere is no folder with charts, such as tempo-2.2.3.tgz"},
		"charts here":     {"tests run elsewhere", "LAB_CHARTS", "charts", Charts, Part{}, `read LAB_CHARTS: "charts": give the whole path, from / on`},
		"empty chart":     {"another archive", "LAB_CHARTS", filepath.Dir(empty), Charts, Part{}, "read LAB_CHARTS: " + empty + " is no chart: it has no Chart.yaml"},
		"text":            {"no archive", "LAB_CHARTS", filepath.Dir(other), Charts, Part{}, "read LAB_CHARTS: " + other + " is no chart: unexpected EOF"},
		"nameless":        {"a broken chart", "LAB_CHARTS", filepath.Dir(nameless), Charts, Part{}, "read LAB_CHARTS: " + nameless + " is no chart: its Chart.yaml has no name and version"},
		"MinIO":           {"its version is a timestamp", "LAB_MINIO", minio, MinIO, Part{MinIO, "a program that LAB_MINIO names", "RELEASE.2025-09-07T16-13-09Z", []Program{{minio, "RELEASE.2025-09-07T16-13-09Z"}}, false, false}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := Resolve(t.Context(), func(variable string) string {
				if variable == c.variable {
					return c.value
				}
				return ""
			})
			if c.err != "" {
				require.EqualError(t, err, c.err, c.reason)
				return
			}
			require.NoError(t, err)
			for _, part := range list {
				if part.Name == c.name {
					require.Equal(t, c.want, part, c.reason)
				}
			}
		})
	}
}

func TestImages(t *testing.T) {
	mine := script(t, "loki", "loki, version 3.6.0")
	cases := map[string]struct {
		reason, images, loki string
		want                 map[Name]string
		err                  string
	}{
		"own":      {"as usual", "", "", map[Name]string{Tempo: "a stand-in of the lab, with the receivers of the OpenTelemetry Collector", Charts: "a stand-in of the lab: test charts"}, ""},
		"real":     {"images of the charts are pulled", "real", "", map[Name]string{Tempo: "the image that its chart names", Traefik: "the image that its chart names", Memcached: "the image that its chart names", Charts: "their own repositories", MinIO: "built from the Go module github.com/minio/minio"}, ""},
		"brought":  {"the user's own program takes precedence", "real", mine, map[Name]string{Loki: "a program that LAB_LOKI names", Tempo: "the image that its chart names"}, ""},
		"loopback": {"the error says that it was removed", "loopback", "", map[Name]string{Loki: "the image that its chart names; a copy of the lab's own, on loopback"}, ""},
		"mistyped": {"no such value", "Real", "", nil, `read IMAGES "Real": it is real, or nothing`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list, err := Resolve(t.Context(), func(variable string) string {
				return map[string]string{"IMAGES": c.images, "LAB_LOKI": c.loki}[variable]
			})
			if c.err != "" {
				require.EqualError(t, err, c.err, c.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, Images(c.images), list.Images(), "it can be derived from what is recorded")
			for _, part := range list {
				if want, ok := c.want[part.Name]; ok {
					require.Equal(t, want, part.From, c.reason)
					require.Equal(t, c.images != "" && part.Programs == nil && part.Name != MinIO, list.Real(part.Name), c.reason)
				}
			}
		})
	}
}

func TestAppVersion(t *testing.T) {
	version, err := AppVersion("traefik", "41.4.2+up41.4.0")
	require.NoError(t, err)
	require.Equal(t, "v3.7.13", version)
	_, err = AppVersion("traefik", "0.0.1")
	require.EqualError(t, err, "there is no test chart traefik 0.0.1")
}

func TestRecordedPartsArePrinted(t *testing.T) {
	list, err := Resolve(t.Context(), func(string) string { return "" })
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "parts.json")
	require.NoError(t, list.Save(file))
	noted, err := Load(file)
	require.NoError(t, err)
	require.Equal(t, list, noted)
	var out bytes.Buffer
	require.NoError(t, noted.In(true).Print(&out))
	require.Regexp(t, `(?m)^Loki +3\.7\.8 +a stand-in of the lab$`, out.String())
	out.Reset()
	require.NoError(t, noted.In(false).Print(&out))
	require.Regexp(t, `(?m)^Loki +none: it runs in pods alone, which this lab only simulates \(lab up --pods\)$`, out.String())
	require.Regexp(t, `(?m)^Grafana +13\.2\.0 +a stand-in of the lab$`, out.String())
	never, err := Load(filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	require.Empty(t, never)
}

func TestTempoFor(t *testing.T) {
	cases := map[string]struct {
		reason, version string
		names           []string
		chart, err      string
	}{
		"seed":    {"the same version", "1.5.0", []string{"1.5.0"}, "0.27.9", ""},
		"patch":   {"any patch of the same minor version", "2.10.8", []string{"2.10.5", "2.10.6", "2.10.7", "2.10.8"}, "2.26.2", ""},
		"newest":  {"the third generation", "3.0.1", []string{"3.0.3"}, "3.3.0", ""},
		"no such": {"no chart names it", "2.3.0", nil, "", "no test chart of the lab names a Tempo 2.3, but 1.5, 2.7, 2.9, 2.10, 3.0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			names, chart, err := TempoFor(c.version)
			if c.err != "" {
				require.EqualError(t, err, c.err, c.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.names, names, c.reason)
			require.Equal(t, c.chart, chart, c.reason)
		})
	}
}

func TestFit(t *testing.T) {
	cases := map[string]struct{ reason, version, err string }{
		"named":   {"a chart names it", "2.10.8", ""},
		"no such": {"its image would never be used", "2.3.0", "read LAB_TEMPO: no test chart of the lab names a Tempo 2.3, but 1.5, 2.7, 2.9, 2.10, 3.0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := List{{Name: Tempo, Programs: []Program{{"/tempo", c.version}}}}.Fit()
			if c.err == "" {
				require.NoError(t, err, c.reason)
				return
			}
			require.EqualError(t, err, c.err, c.reason)
		})
	}
}
