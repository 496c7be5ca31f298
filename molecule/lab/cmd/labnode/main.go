// SPDX-License-Identifier: AGPL-3.0-or-later

// Package main is a node of the lab and what runs in its pods, linked statically so that it can be alone in an image. The
// first argument picks a part.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/picluster/tracing/molecule/lab/internal/node"
	"github.com/picluster/tracing/molecule/lab/internal/pods"
)

// parts maps the name of each part to what runs it until the context ends.
var parts = map[string]func(ctx context.Context, args []string) error{
	"node":      runNode,
	"inside":    runInside,
	"pause":     pause,
	"memcached": pods.Memcached,
	"loki":      pods.Loki,
	"shop":      pods.Shop,
}

func main() { os.Exit(run(os.Args)) }

func run(argv []string) int {
	if len(argv) < 2 || parts[argv[1]] == nil {
		fmt.Fprintf(os.Stderr, "usage: labnode %s [flags]\n", strings.Join(names(), "|"))
		return 2
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	if err := parts[argv[1]](ctx, argv[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", argv[1], err)
		return 1
	}
	return 0
}

func names() []string {
	list := make([]string, 0, len(parts))
	for name := range parts {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func runNode(ctx context.Context, args []string) error {
	file, err := configFile(args)
	if err != nil {
		return err
	}
	config, err := node.Read(file)
	if err != nil {
		return err
	}
	return node.Run(ctx, config, file)
}

func runInside(_ context.Context, args []string) error {
	file, err := configFile(args)
	if err != nil {
		return err
	}
	config, err := node.Read(file)
	if err != nil {
		return err
	}
	return node.Inside(config)
}

func configFile(args []string) (string, error) {
	flags := flag.NewFlagSet("node", flag.ContinueOnError)
	file := flags.String("config", "", "file that says what the node is")
	err := flags.Parse(args)
	return *file, err
}

// pause holds a pod's namespaces.
func pause(ctx context.Context, _ []string) error {
	<-ctx.Done()
	return nil
}
