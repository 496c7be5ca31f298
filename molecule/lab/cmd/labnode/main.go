// SPDX-License-Identifier: AGPL-3.0-or-later

// Labnode runs a lab node and the programs of its pods; it is linked statically so that it can be alone in an image.
// The first argument picks a part.
package main

import (
	"context"
	"flag"
	"os"

	"github.com/picluster/tracing/molecule/lab/internal/multicall"
	"github.com/picluster/tracing/molecule/lab/internal/node"
	"github.com/picluster/tracing/molecule/lab/internal/pods"
)

// parts maps the name of each part to what runs it until the context ends.
var parts = map[string]multicall.Part{
	"node":      runNode,
	"inside":    runInside,
	"pause":     pause,
	"memcached": pods.Memcached,
	"shipper":   pods.Shipper,
	"shop":      pods.Shop,
}

func main() { os.Exit(multicall.Run("labnode", parts, os.Args)) }

func runNode(ctx context.Context, args []string) error {
	config, file, err := read(args)
	if err != nil {
		return err
	}
	return node.Run(ctx, config, file)
}

func runInside(_ context.Context, args []string) error {
	config, _, err := read(args)
	if err != nil {
		return err
	}
	return node.Inside(config)
}

// read reads the node's configuration file.
func read(args []string) (config node.Config, file string, err error) {
	flags := flag.NewFlagSet("node", flag.ContinueOnError)
	flags.StringVar(&file, "config", "", "file that says what the node is")
	if err := flags.Parse(args); err != nil {
		return config, file, err
	}
	config, err = node.Read(file)
	return config, file, err
}

// pause holds a pod's namespaces.
func pause(ctx context.Context, _ []string) error {
	<-ctx.Done()
	return nil
}
