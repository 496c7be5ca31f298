// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/k3s-io/helm-controller/pkg/app"
	"github.com/spf13/cobra"
)

// newHelmControllerCommand wraps the controller that k3s runs for HelmChart and HelmChartConfig. Release 0.16.27 is the
// line for Kubernetes 1.34; 0.17 has the same controllers but calls a validation function that only 1.35 has.
func newHelmControllerCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "helm-controller",
		Short:              "Controller for HelmChart and HelmChartConfig, as in k3s",
		DisableFlagParsing: true, // the controller reads its own flags
		SilenceUsage:       true,
		RunE: func(command *cobra.Command, args []string) error {
			return runHelmController(command.Context(), args)
		},
	}
}

func runHelmController(ctx context.Context, args []string) error {
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	controller := app.New()
	err := controller.RunContext(ctx, append([]string{controller.Name}, args...))
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
