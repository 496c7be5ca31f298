// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/pflag"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/log"

	"github.com/picluster/tracing/molecule/lab/internal/fakenode"
)

// runKwok does what kwok's own main does: its configuration file and log level are read from the program's arguments before
// its command line is made. Deleted pods are ended by fakenode beside it.
func runKwok(ctx context.Context, args []string) error {
	os.Args = append([]string{"kwok"}, args...)
	early := pflag.NewFlagSet("global", pflag.ContinueOnError)
	early.ParseErrorsAllowlist.UnknownFlags = true
	early.Usage = func() {}
	ctx, _ = log.InitFlags(ctx, early)
	ctx, err := config.InitFlags(ctx, early)
	if err != nil {
		return fmt.Errorf("read the behaviour of the nodes: %w", err)
	}
	client, err := clientOf(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		defer cancel()
		ended <- fakenode.EndPods(ctx, client, slog.Default())
	}()
	command := kwok.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(early)
	command.SetArgs(args)
	err = command.ExecuteContext(ctx)
	cancel()
	return errors.Join(err, <-ended)
}

// clientOf is a client, without a rate limit, for the cluster of kwok's own option.
func clientOf(args []string) (*kubernetes.Clientset, error) {
	flags := pflag.NewFlagSet("cluster", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	file := flags.String("kubeconfig", "", "")
	if err := flags.Parse(args); err != nil {
		return nil, fmt.Errorf("read the arguments: %w", err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", *file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", *file, err)
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", config.Host, err)
	}
	return client, nil
}
