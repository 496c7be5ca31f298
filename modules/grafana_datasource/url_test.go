// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestURLOfADataSource(t *testing.T) {
	tests := map[string]struct {
		reason   string
		spec     Args
		observed Status
		want     string
	}{
		"given":             {"it takes precedence", Args{SourceURL: "http://a", NewURL: "http://b"}, Status{Address: "http://c"}, "http://a"},
		"found":             {"in the cluster", Args{NewURL: "http://b"}, Status{Address: "http://c"}, "http://c"},
		"new":               {"there is none yet", Args{NewURL: "http://b"}, Status{}, "http://b"},
		"existing":          {"its URL is kept", Args{NewURL: "http://b"}, Status{Source: existing(nil)}, ""},
		"existing, by file": {"its URL is kept in the file that adopts it", Args{NewURL: "http://b"}, Status{File: File{Live: existing(nil)}}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, resolved{Spec: Spec{Args: tc.spec}}.withURL(tc.observed).SourceURL, tc.reason)
		})
	}
}
