// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/charts"
	"github.com/picluster/tracing/molecule/lab/internal/chartserver"
)

func runCharts(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("charts", flag.ContinueOnError)
	listen := flags.String("listen", "", "address, such as 127.0.0.1:8080")
	dir := flags.String("dir", "", "folder for the packed charts")
	own := flags.String("own", "", "folder with packaged charts of a person")
	if err := flags.Parse(args); err != nil {
		return err
	}
	// Versions that the lab no longer has must not stay downloadable.
	if err := os.RemoveAll(*dir); err != nil {
		return fmt.Errorf("empty the chart repository: %w", err)
	}
	if err := charts.Write(*dir, *own); err != nil {
		return err
	}
	return serve(ctx, *listen, chartserver.New(*dir))
}

// serve answers requests until the context ends, then lets the running ones finish.
func serve(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		within, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(within)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", address, err)
	}
	return nil
}
