// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/molecule/lab/grafana"
	"github.com/picluster/tracing/molecule/lab/grafana/sidecar"
)

// runGrafana serves the stand-in for Grafana. The login comes from the environment,
// so that no list of processes shows it.
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
		ProvisioningDir: provisioning(*dir),
		Log:             os.Stdout,
	})
	if err != nil {
		return err
	}
	return serve(ctx, *listen, handler)
}

// provisioning is the folder that the sidecar writes and Grafana reads.
func provisioning(dir string) string { return filepath.Join(dir, "provisioning") }

// runSidecar does the work of the sidecar beside Grafana.
func runSidecar(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("grafana-sidecar", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "login of an administrator of the cluster")
	namespace := flags.String("namespace", "", "where to look for ConfigMaps and Secrets")
	selector := flags.String("selector", "", "label that they have")
	dir := flags.String("dir", "", "folder of Grafana")
	url := flags.String("url", "", "address of Grafana")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("read the kubeconfig %s: %w", *kubeconfig, err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("prepare the client: %w", err)
	}
	service := &sidecar.Sidecar{
		Client: client, Namespace: *namespace, Selector: *selector, Folder: provisioning(*dir), Log: os.Stdout,
		ReloadURL: *url + "/api/admin/provisioning/datasources/reload", User: os.Getenv("GRAFANA_USER"), Password: os.Getenv("GRAFANA_PASSWORD"),
	}
	return service.Run(ctx)
}
