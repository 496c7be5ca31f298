// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
)

// entry is one version of a chart in a repository's index.
type entry struct {
	Version string   `json:"version"`
	URLs    []string `json:"urls"`
	Digest  string   `json:"digest"`

	parsed *semver.Version
}

// entriesOf returns the versions of a chart, the newest first. An index holds
// every version of every chart and may be several megabytes, so only the block
// of this chart is parsed when it can be cut out.
func entriesOf(index []byte, chart string) ([]entry, error) {
	var all struct {
		Entries map[string][]entry `json:"entries"`
	}
	source := block(index, chart)
	if source == nil {
		source = index
	}
	if err := yaml.Unmarshal(source, &all); err != nil {
		return nil, fault.New(fault.Rejected, "chart_repo_url must be the address that has index.yaml below it", "index.yaml of the repository cannot be read")
	}
	found := all.Entries[chart]
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "check chart_ref and chart_repo_url", "the repository has no chart %s", chart)
	}
	return sorted(found), nil
}

func sorted(entries []entry) []entry {
	var usable []entry
	for _, item := range entries {
		version, err := semver.NewVersion(item.Version)
		if err != nil {
			continue
		}
		item.parsed = version
		usable = append(usable, item)
	}
	slices.SortStableFunc(usable, func(a, b entry) int { return b.parsed.Compare(a.parsed) })
	return usable
}

// block cuts the part "entries: CHART: [...]" out of an index as Helm writes it
// (helm pkg/repo/index.go): two blanks, the chart's name, a colon, then lines
// that are deeper or begin an item. It returns nil where the index looks
// otherwise.
func block(index []byte, chart string) []byte {
	start := bytes.Index(index, []byte("\n  "+chart+":\n"))
	if start < 0 || !bytes.Contains(index[:start+1], []byte("entries:\n")) {
		return nil
	}
	cut := bytes.NewBufferString("entries:\n  " + chart + ":\n")
	rest := index[start+len("\n  "+chart+":\n"):]
	for len(rest) > 0 {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		if !inside(line) {
			break
		}
		cut.Write(line)
		cut.WriteByte('\n')
		rest = after
	}
	return cut.Bytes()
}

func inside(line []byte) bool {
	return len(bytes.TrimSpace(line)) == 0 || bytes.HasPrefix(line, []byte("  - ")) || bytes.HasPrefix(line, []byte("   "))
}

// choose picks the version that was asked for: exactly, the newest of a range,
// or the newest that is not a pre-release.
func (s Source) choose(entries []entry) (entry, error) {
	for _, item := range entries {
		if s.Version == item.Version {
			return item, nil
		}
	}
	constraint, err := semver.NewConstraint(cmp.Or(s.Version, "*"))
	if err != nil {
		return entry{}, fault.New(fault.Usage, "chart_version is a version such as 2.26.2 or a range such as ~2.26.0", "%q is not a version", s.Version)
	}
	for _, item := range entries {
		if constraint.Check(item.parsed) {
			return item, nil
		}
	}
	return entry{}, fault.New(fault.NotFound, "it has, newest first: "+newest(entries), "the repository has no version %s of it", s.Version)
}

func newest(entries []entry) string {
	var versions []string
	for _, item := range entries[:min(len(entries), 8)] {
		versions = append(versions, item.Version)
	}
	return strings.Join(versions, ", ")
}

// Exact reports whether a chart version is one version, not a range.
func Exact(version string) bool {
	_, err := semver.StrictNewVersion(strings.TrimPrefix(version, "v"))
	return err == nil
}
