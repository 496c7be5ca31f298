// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	sources "github.com/picluster/tracing/molecule/lab/charts"
)

// edition is a version of a test chart and its appVersion.
type edition struct {
	Version    string `json:"version"`
	AppVersion string `json:"appVersion"`
}

// TempoFor says which versions of Tempo in the test charts a program can replace, because they differ only in the patch
// number, and the newest version of the chart tempo-distributed with one of them.
func TempoFor(version string) (names []string, chart string, err error) {
	const distributed = "tempo-distributed"
	var known []string // in the order of the chart's versions
	for _, name := range []string{distributed, "tempo"} {
		editions, err := editionsOf(name)
		if err != nil {
			return nil, "", err
		}
		for _, one := range editions {
			same := minor(one.AppVersion) == minor(version)
			if same {
				names = append(names, one.AppVersion)
			}
			if name == distributed {
				known = append(known, minor(one.AppVersion))
			}
			if same && name == distributed {
				chart = one.Version
			}
		}
	}
	if chart == "" {
		return nil, "", fmt.Errorf("no test chart of the lab names a Tempo %s, but %s", minor(version), strings.Join(slices.Compact(known), ", "))
	}
	slices.Sort(names)
	return slices.Compact(names), chart, nil
}

// AppVersion is the appVersion of a version of a test chart.
func AppVersion(chart, version string) (string, error) {
	editions, err := editionsOf(chart)
	for _, one := range editions {
		if one.Version == version {
			return one.AppVersion, nil
		}
	}
	return "", errors.Join(fmt.Errorf("there is no test chart %s %s", chart, version), err)
}

func editionsOf(chart string) ([]edition, error) {
	raw, err := sources.Files.ReadFile(chart + "/editions.yaml")
	if err != nil {
		return nil, err
	}
	var catalogue struct {
		Editions []edition `json:"editions"`
	}
	err = yaml.Unmarshal(raw, &catalogue)
	return catalogue.Editions, err
}

// minor is a version without its patch number.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}
