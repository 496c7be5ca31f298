// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/kube"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// furnish creates the nodes and the storage class of three Raspberry Pis with k3s and the Deployment of Grafana, and
// waits for the nodes.
func (s Stack) furnish(ctx context.Context, lab servers.Lab, client *kube.Client) error {
	basics, err := lab.Basics()
	if err != nil {
		return err
	}
	grafana, err := lab.GrafanaObjects()
	if err != nil {
		return err
	}
	for _, object := range append(basics, grafana...) {
		if err := client.Apply(ctx, object.Path, object.Manifest); err != nil {
			return fmt.Errorf("create the lab's objects: %w", err)
		}
	}
	for _, name := range lab.Nodes() {
		if err := s.wait(ctx, "kwok", "node "+name, func() error { return nodeReady(ctx, client, name) }); err != nil {
			return err
		}
	}
	if lab.Pods {
		return s.furnishPods(ctx, lab, client)
	}
	return nil
}

// installTraefik installs Traefik as k3s does, by a HelmChart, and waits until its pods are ready.
func (s Stack) installTraefik(ctx context.Context, lab servers.Lab, client *kube.Client) error {
	chart, err := lab.Traefik(cmp.Or(s.TraefikChart, lab.TraefikChart()))
	if err != nil {
		return err
	}
	if err := s.wait(ctx, "charts", "chart "+chart.ChartURL, func() error { return servers.Served(ctx, chart.ChartURL) }); err != nil {
		return err
	}
	crds := func() error { return client.Get(ctx, "/apis/helm.cattle.io/v1", &struct{}{}) }
	if err := s.wait(ctx, "helm-controller", "kind HelmChart", crds); err != nil {
		return err
	}
	if err := client.Apply(ctx, chart.Path, chart.Manifest); err != nil {
		return fmt.Errorf("create HelmChart kube-system/traefik: %w", err)
	}
	installed := func() error { return jobDone(ctx, client, "helm-install-traefik", chart.ChartURL) }
	if err := s.wait(ctx, "helm-runner", "installation of Traefik", installed); err != nil {
		return err
	}
	return s.ready(ctx, lab, client, "kube-system", "traefik")
}

// wait polls until there is no error. who is the server that does the work: on a timeout its log helps.
func (s Stack) wait(ctx context.Context, who, what string, check func() error) error {
	return s.waitFor(ctx, limit, who, what, check)
}

func (s Stack) waitFor(ctx context.Context, patience time.Duration, who, what string, check func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var hopeless *servers.HopelessError
		if time.Now().After(deadline) || errors.As(err, &hopeless) {
			return fmt.Errorf("wait for %s: %w; the log %s of %s ends with: %s", what, err, s.Folder.Log(who), who, lastLine(s.Folder.Log(who)))
		}
		time.Sleep(100 * time.Millisecond)
	}
}
