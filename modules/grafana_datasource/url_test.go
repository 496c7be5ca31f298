// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestURLOfADataSourceWithoutOne(t *testing.T) {
	tests := map[string]struct {
		reason   string
		spec     Args
		observed Status
		want     string
	}{
		"given":          {"nothing else counts", Args{SourceURL: "http://a", NewURL: "http://b"}, Status{Address: "http://c"}, "http://a"},
		"found":          {"in the cluster", Args{NewURL: "http://b"}, Status{Address: "http://c"}, "http://c"},
		"new":            {"none is known", Args{NewURL: "http://b"}, Status{}, "http://b"},
		"there":          {"its own stays", Args{NewURL: "http://b"}, Status{Source: existing(nil)}, ""},
		"there, by file": {"its own stays in the file that takes it over", Args{NewURL: "http://b"}, Status{File: File{Live: existing(nil)}}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, resolved{Spec: Spec{Args: tc.spec}}.withURL(tc.observed).SourceURL, tc.reason)
		})
	}
}
