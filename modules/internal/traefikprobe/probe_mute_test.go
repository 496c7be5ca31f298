// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikprobe

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/testkit"
)

// An entry point that takes the request and does not answer it.
func TestRequestThroughTraefikHasATimeout(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		server func(testing.TB) string
	}{
		"mute":     {"it never answers", testkit.Mute},
		"dripping": {"its header never ends", func(t testing.TB) string { return testkit.Dripping(t, true) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			probe := Probe{URL: "http://" + test.server(t), Path: "/", Trust: certificate.Files{Validate: true}}
			httpClient, err := probe.httpClient()
			require.NoError(t, err)
			require.Equal(t, answerTimeout, httpClient.Timeout, "it has its own timeout")
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			begin := time.Now()
			_, err = probe.request(ctx)
			require.Equal(t, fault.Timeout, fault.KindOf(err), test.reason)
			require.Less(t, time.Since(begin), 10*time.Second, test.reason)
		})
	}
}
