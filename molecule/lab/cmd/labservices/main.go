// SPDX-License-Identifier: AGPL-3.0-or-later

// Package main holds the lab's long-running services that are not servers of their own: simulated nodes, the Helm runner, the
// chart repository and the stand-in for Grafana. The first argument picks one.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// services maps the name of each service to what runs it until the context ends.
var services = map[string]func(ctx context.Context, args []string) error{
	"charts":          runCharts,
	"grafana":         runGrafana,
	"grafana-sidecar": runSidecar,
	"helm-runner":     runHelmRunner,
	"kwok":            runKwok,
}

func main() { os.Exit(run(os.Args)) }

func run(argv []string) int {
	if len(argv) < 2 || services[argv[1]] == nil {
		fmt.Fprintf(os.Stderr, "usage: labservices %s [flags]\n", strings.Join(names(), "|"))
		return 2
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	if err := services[argv[1]](ctx, argv[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", argv[1], err)
		return 1
	}
	return 0
}

func names() []string {
	list := make([]string, 0, len(services))
	for name := range services {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
