// SPDX-License-Identifier: AGPL-3.0-or-later

// Labservices runs the lab's long-running services that are not servers of their own: simulated nodes, the Helm runner,
// the chart repository, an image registry and the stand-in for Grafana. The first argument picks one.
package main

import (
	"os"

	"github.com/picluster/tracing/molecule/lab/internal/multicall"
)

// services maps the name of each service to what runs it until the context ends.
var services = map[string]multicall.Part{
	"charts":          runCharts,
	"grafana":         runGrafana,
	"grafana-sidecar": runSidecar,
	"helm-runner":     runHelmRunner,
	"kwok":            runKwok,
	"registry":        runRegistry,
}

func main() { os.Exit(multicall.Run("labservices", services, os.Args)) }
