// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
)

// helm is the part of Helm that an order needs; container.go has the real one.
type helm interface {
	// Last is the newest revision of the release, or nil when there is none.
	Last() (*release.Release, error)
	Install(context.Context) error
	Upgrade(context.Context) error
	Uninstall() error
	// MarkFailed sets the release's status to "failed".
	MarkFailed(*release.Release) error
}

// job carries out one order and collects what the container would write to /dev/termination-log.
type job struct {
	order order
	helm  helm
	notes []string
}

func (j *job) note(format string, args ...any) {
	j.notes = append(j.notes, fmt.Sprintf(format, args...))
}

func (j *job) noteError(err error) {
	if err != nil {
		j.note("Error: %v", err)
	}
}

// run follows the script step by step. A nil error means exit code 0, which is not always the same as work done.
func (j *job) run(ctx context.Context) error {
	last, err := j.helm.Last()
	if err != nil && !errors.Is(err, driver.ErrReleaseNotFound) {
		return err
	}
	if j.order.verb == verbDelete {
		return j.remove(last)
	}
	if last == nil {
		return j.install(ctx)
	}
	if j.stale(last) {
		return nil
	}
	return j.renew(ctx, last)
}

func (j *job) remove(last *release.Release) error {
	if last == nil {
		j.note("No helm chart installed; nothing to delete")
		return nil
	}
	if j.stale(last) {
		return nil
	}
	j.note("Uninstalling helm chart")
	// The script exits with success whatever Helm says; the controller looks at the release and starts a new Job.
	j.noteError(j.helm.Uninstall())
	return nil
}

func (j *job) install(ctx context.Context) error {
	j.note("Installing helm chart")
	return j.helm.Install(ctx)
}

// stale says whether somebody made another revision since the controller looked. The Job then succeeds without doing
// anything, and the controller decides again.
func (j *job) stale(last *release.Release) bool {
	current := strconv.Itoa(last.Version)
	if j.order.expected == "" || j.order.expected == current {
		return false
	}
	j.note("Current release revision %s does not match expected revision %s", current, j.order.expected)
	return true
}

func (j *job) renew(ctx context.Context, last *release.Release) error {
	status := last.Info.Status
	switch status {
	case release.StatusPendingInstall, release.StatusPendingUpgrade, release.StatusPendingRollback,
		release.StatusSuperseded, release.StatusUninstalling:
		return j.recover(ctx, last)
	case release.StatusDeployed:
		j.note("Upgrading helm chart")
		return j.helm.Upgrade(ctx)
	case release.StatusFailed, release.StatusUnknown:
		return j.repair(ctx, status)
	case release.StatusUninstalled: // helm install refuses a name that is still in use, as in the container
	}
	return j.install(ctx)
}

// recover treats a release whose last operation was interrupted.
func (j *job) recover(ctx context.Context, last *release.Release) error {
	status := last.Info.Status
	j.note("Resetting helm release status from '%s' to 'failed'", status)
	if err := j.helm.MarkFailed(last); err != nil {
		return err
	}
	if status == release.StatusPendingUpgrade || status == release.StatusSuperseded {
		j.note("Retrying upgrade of helm chart")
		return j.helm.Upgrade(ctx)
	}
	return j.repair(ctx, release.StatusFailed)
}

// repair treats a failed release according to the failure policy.
func (j *job) repair(ctx context.Context, status release.Status) error {
	switch j.order.failurePolicy {
	case policyAbort:
		return fmt.Errorf("Release status is '%s' and failure policy is '%s'; waiting for operator intervention", status, policyAbort) //nolint:staticcheck // the container's own words
	case policyRetry:
		j.note("Upgrading %s from failed state", j.order.release)
		j.noteError(j.helm.Upgrade(ctx)) // the script ends with "exit 0" here; the controller starts the next Job
		return nil
	case policyReinstall:
		j.note("Uninstalling %s helm chart", status)
		j.noteError(j.helm.Uninstall()) // the script does not stop here either; the installation reports what is wrong
		return j.install(ctx)
	}
	return fmt.Errorf("Unknown failure policy '%s'", j.order.failurePolicy) //nolint:staticcheck // the container's own words
}
