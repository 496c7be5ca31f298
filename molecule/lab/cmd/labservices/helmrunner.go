// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/molecule/lab/internal/runner"
)

func runHelmRunner(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("helm-runner", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "login of an administrator of the cluster")
	debug := flags.Bool("debug", false, "log what Helm does")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("read the kubeconfig %s: %w", *kubeconfig, err)
	}
	config.QPS = -1 // as on a kubelet, one pod does not wait for another's requests
	level := slog.LevelInfo
	if *debug {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
	service, err := runner.New(config, log)
	if err != nil {
		return err
	}
	return service.Run(ctx)
}
