// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// StartTraefik runs the lab's Traefik with the test's arguments and
// environment, and one route: from the host to the application's URL. It
// returns its URL and the path of its log, which has the access log unless
// arguments say otherwise. It does not wait until Traefik answers.
func StartTraefik(t *testing.T, host, application string, env []string, args ...string) (url, log string) {
	t.Helper()
	routes := filepath.Join(t.TempDir(), "routes.yaml")
	require.NoError(t, os.WriteFile(routes, fmt.Appendf(nil, `
http:
  routers: {app: {rule: "Host(`+"`%s`"+`)", service: app, entryPoints: [web]}}
  services: {app: {loadBalancer: {servers: [{url: %q}]}}}
`, host, application), 0o600))
	address := Free(t, 1)[0]
	own := []string{"--entrypoints.web.address=" + address, "--providers.file.filename=" + routes,
		"--global.checknewversion=false", "--global.sendanonymoususage=false"}
	return "http://" + address, Start(t, "traefik", env, append(own, args...)...)
}
