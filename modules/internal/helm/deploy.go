// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Deployment is what an install or an upgrade deploys.
type Deployment struct {
	Name   string
	Chart  Chart
	Values map[string]any
	// Labels are on the release's record.
	Labels      map[string]string
	Description string
	// Wait waits for the workloads for at most Timeout; Atomic rolls the change back
	// if that fails.
	Wait, Atomic  bool
	Timeout       time.Duration
	MaxHistory    int
	SkipCRDs      bool
	TakeOwnership bool
	// Failed are manifests of revisions that failed after the one that is
	// deployed. What they left is removed where the new one does not have it.
	Failed []string
}

func (d Deployment) String() string {
	return fmt.Sprintf("release %s with chart %s", d.Name, d.Chart.ID())
}

// Install makes the first revision of a release, or the next one after an
// uninstalled one whose history was kept.
func (c *Client) Install(ctx context.Context, d Deployment) error {
	c.kube.ctx = ctx
	_, err := within(ctx, func() (*release.Release, error) {
		return c.install(d, c.action).RunWithContext(ctx, d.Chart.source, d.Values)
	})
	return c.recorded(ctx, "install "+d.String(), err)
}

// Upgrade makes the next revision of a release.
func (c *Client) Upgrade(ctx context.Context, d Deployment) error {
	c.kube.ctx, c.kube.failed = ctx, d.Failed
	defer func() { c.kube.failed = nil }()
	_, err := within(ctx, func() (*release.Release, error) {
		return c.upgrade(d, c.action).RunWithContext(ctx, d.Name, d.Chart.source, d.Values)
	})
	return c.recorded(ctx, "upgrade "+d.String(), err)
}

// recorded is how a deployment ended, an error too where Helm could not write that:
// it only logs it, and the release stays pending (helm pkg/action/install.go,
// performInstall).
func (c *Client) recorded(ctx context.Context, doing string, err error) error {
	cause := c.records.open.refused()
	if err != nil || cause == nil {
		return failed(ctx, doing, err)
	}
	failure := failed(ctx, doing+": record its end", cause)
	hint := cmp.Or(fault.HintOf(failure), "look at the API server's log and run again: the next run finishes what this one began")
	return fault.Wrap(fault.KindOf(failure), hint, "", failure)
}

// skipValidation leaves out Helm's own validation of the manifest: from Kubernetes 1.27
// on it only finds out, from megabytes of OpenAPI, that the API server validates fields
// itself (kubectl pkg/validation/schema.go, paramVerifyingSchema). That took two thirds
// of the time of an upgrade.
const skipValidation = true

func (c *Client) install(d Deployment, configuration *action.Configuration) *action.Install {
	a := action.NewInstall(configuration)
	a.ReleaseName, a.Namespace, a.Replace = d.Name, c.namespace, true
	a.Wait, a.Atomic, a.Timeout = d.Wait, d.Atomic, d.Timeout
	a.SkipCRDs, a.TakeOwnership = d.SkipCRDs, d.TakeOwnership
	a.Description, a.Labels, a.DisableOpenAPIValidation = d.Description, d.Labels, skipValidation
	return a
}

func (c *Client) upgrade(d Deployment, configuration *action.Configuration) *action.Upgrade {
	a := action.NewUpgrade(configuration)
	a.Namespace, a.MaxHistory, a.ResetValues = c.namespace, d.MaxHistory, true
	a.Wait, a.Atomic, a.Timeout = d.Wait, d.Atomic, d.Timeout
	a.SkipCRDs, a.TakeOwnership = d.SkipCRDs, d.TakeOwnership
	a.Description, a.Labels, a.DisableOpenAPIValidation = d.Description, d.Labels, skipValidation
	return a
}

// inLine is an error in one line: Helm lists those of several objects.
func inLine(err error) error {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if text := strings.TrimSpace(line); text != "" {
			lines = append(lines, text)
		}
	}
	if len(lines) < 2 {
		return err
	}
	return &joined{strings.Join(lines, "; "), err}
}

type joined struct {
	text  string
	cause error
}

func (j *joined) Error() string { return j.text }

func (j *joined) Unwrap() error { return j.cause }

// failed gives an error of Helm a kind. Where our own wait failed, its kind
// and hint are kept.
func failed(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, driver.ErrReleaseExists), strings.Contains(err.Error(), "another operation (install/upgrade/rollback) is in progress"): // helm pkg/action/action.go, errPending
		return fault.Wrap(fault.Conflict, "something else deploys this release at the same time: run again when it is done", doing, err)
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(fault.Timeout, "run again: the next run finishes what this one began", doing, err)
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return kube.Fault(doing, err)
	}
	err = inLine(err)
	if explained := kube.Explained(doing, err); explained != nil {
		return explained
	}
	if strings.Contains(err.Error(), "invalid ownership metadata") { // helm pkg/action/validate.go
		return fault.Wrap(fault.Conflict, "something other than this release created that object, such as helm template or kubectl: delete it, "+
			"or let tempo_helm take it over with take_ownership: true (tempo_take_ownership in the role)", doing, err)
	}
	if strings.Contains(err.Error(), "chart requires kubeVersion") { // helm pkg/action/action.go, an error without a type
		return fault.Wrap(fault.Unsupported, "use an older chart_version, or upgrade Kubernetes to what the chart requires", doing, err)
	}
	if known := fromText(doing, err); known != nil {
		return known
	}
	failure := kube.Fault(doing, err)
	if fault.HintOf(failure) == "" && strings.Contains(err.Error(), "an error on the server") {
		return fault.Wrap(fault.KindOf(failure), "look at the API server's log and run again: the next run finishes what this one began", "", failure)
	}
	return failure
}
