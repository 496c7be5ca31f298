// SPDX-License-Identifier: AGPL-3.0-or-later

// Labloki runs the lab's stand-in for Grafana Loki with the arguments and the configuration file of the real Loki.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/picluster/tracing/molecule/lab/loki"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	if err := loki.Run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
