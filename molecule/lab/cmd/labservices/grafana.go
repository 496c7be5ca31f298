// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"

	"github.com/picluster/tracing/molecule/lab/grafana"
)

// runGrafana serves the stand-in for Grafana. The login comes by the environment, so that it stands in no list of processes.
func runGrafana(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("grafana", flag.ContinueOnError)
	listen := flags.String("listen", "", "address, such as 127.0.0.1:3000")
	dir := flags.String("dir", "", "folder for the data sources, and below it provisioning/ for files")
	if err := flags.Parse(args); err != nil {
		return err
	}
	handler, err := grafana.New(grafana.Options{
		AdminUser:       os.Getenv("GRAFANA_USER"),
		AdminPassword:   os.Getenv("GRAFANA_PASSWORD"),
		DataDir:         *dir,
		ProvisioningDir: filepath.Join(*dir, "provisioning"),
		Log:             os.Stdout,
	})
	if err != nil {
		return err
	}
	return serve(ctx, *listen, handler)
}
