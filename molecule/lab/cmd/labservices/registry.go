// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/images"
)

// runRegistry serves the images of a file. The registry loses its manifests when it ends, so it starts empty.
func runRegistry(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("registry", flag.ContinueOnError)
	listen := flags.String("listen", "", "address, such as 127.0.0.1:8080")
	dir := flags.String("dir", "", "folder for the content of the images")
	list := flags.String("images", "", "file that lists the images")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.RemoveAll(*dir); err != nil {
		return fmt.Errorf("empty the registry: %w", err)
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return fmt.Errorf("make the registry's folder: %w", err)
	}
	registry := images.NewRegistry(*dir)
	failed := make(chan error, 2)
	go func() { failed <- serve(ctx, *listen, registry) }()
	go func() {
		awaitListener(ctx, *listen)
		if err := registry.Fill(ctx, *listen, *list); err != nil {
			failed <- err
		}
	}()
	return <-failed
}

// awaitListener waits until the address accepts connections.
func awaitListener(ctx context.Context, address string) {
	for ctx.Err() == nil {
		if connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
			_ = connection.Close() // it was only a probe
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
