// SPDX-License-Identifier: AGPL-3.0-or-later

package option_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
)

func TestChecksOfNames(t *testing.T) {
	for name, test := range map[string]struct {
		check          func(any) error
		taken, refused []string
		message        string
	}{
		"a namespace": {option.CheckNamespace,
			[]string{"", "tracing", "7", "a-b", strings.Repeat("a", 63)},
			[]string{"a\n", "a b", " ", "A", "a/../kube-system", "a.b", "-a", "a-", "ä", strings.Repeat("a", 64)},
			"must be the name of a namespace: lower-case letters, digits and hyphens"},
		"an object": {option.CheckName,
			[]string{"", "tempo", "tempo.1", strings.Repeat("a", 253)},
			[]string{"tempo\n", "a/b", "Tempo", ".a", "a.", "a_b", strings.Repeat("a", 254)},
			"must be a name: lower-case letters, digits, hyphens and dots"},
		"a line": {option.CheckLine,
			[]string{"", "a b", "ä", "a:b@c"},
			[]string{"a\n", "a\rb", "a\tb", "\x00"},
			"must be one line, without a line break or a tab"},
		"a word": {option.CheckWord,
			[]string{"", "tempo-traces", "Old_Bucket.1", "2.7.1@sha256:0a"},
			[]string{" ", "a b", "a\n", "a\x00", "ä", "１２"},
			"must be one word of letters, digits and signs, without blanks, line breaks and letters such as ä"},
		"a header": {option.CheckHeader,
			[]string{"", "X-B3-Traceid", "traceparent", "x_y"},
			[]string{"a b", "a:", "a\n", "ä"},
			"must be the name of a header, such as X-B3-Traceid"},
		"an address": {option.CheckAddress,
			[]string{"", "tempo:4318", "http://tempo:4318/v1/traces\n"}, []string{"a b:1", "a:1\nb"}, "must be an address without blanks and line breaks"},
		"two": {option.Both(option.CheckLine, option.CheckNamespace),
			[]string{"a"}, []string{"a.b"}, "must be the name of a namespace: lower-case letters, digits and hyphens"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range test.taken {
				require.NoError(t, test.check(text), "%q", text)
			}
			for _, text := range test.refused {
				require.EqualError(t, test.check(text), test.message, "%q", text)
			}
		})
	}
}
