// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What Tempo says of itself is understood or not.
func FuzzAnswersOfTempo(f *testing.F) {
	for _, seed := range []string{"tempo, version 2.10.7 (branch: HEAD, revision: a)", "distributor:\n  receivers:\n    otlp:\n      protocols:\n        grpc: {endpoint: 0.0.0.0:4317}\n        http:\n", "distributor: {receivers: [1]}", "distributor: {receivers: {otlp: {protocols: 5}, zipkin: ~}}", "<html>502</html>", "{"} {
		f.Add(seed, "2.10.7")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		_ = VersionIn([]byte(text))
		found, err := Listening(text, version)
		if err != nil {
			require.Empty(t, found)
		}
	})
}
