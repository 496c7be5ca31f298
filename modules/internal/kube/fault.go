// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/picluster/tracing/modules/internal/fault"
)

// answers are the API server's errors, the most specific first.
var answers = []struct {
	is   func(error) bool
	kind fault.Kind
	hint string
}{
	{apierrors.IsUnauthorized, fault.Denied, "the login of the kubeconfig was refused: renew its certificate or token"},
	{apierrors.IsForbidden, fault.Denied, "give this user the right in a Role or ClusterRole, or use a kubeconfig with more rights"},
	{apierrors.IsNotFound, fault.NotFound, ""},
	{apierrors.IsAlreadyExists, fault.Conflict, "something else created it at the same time: run again"},
	{apierrors.IsConflict, fault.Conflict, "something else changed it at the same time: run again"},
	{apierrors.IsInvalid, fault.Rejected, ""},
	{apierrors.IsTimeout, fault.Timeout, "the API server did not answer in time: look at its load"},
	{apierrors.IsServerTimeout, fault.Timeout, "the API server did not answer in time: look at its load"},
	{apierrors.IsTooManyRequests, fault.Timeout, "the API server is overloaded: run again later"},
	{apierrors.IsInternalError, fault.Rejected, "the API server failed inside, or something before it did: look at its log and run again"},
	{apierrors.IsServiceUnavailable, fault.Unreachable, "the API server is not ready: look at its state"},
	{apierrors.IsUnexpectedServerError, fault.Rejected, "something before the API server answered, or a server that it asks: look at their logs and run again"},
}

// Fault wraps an error of the API server, or of reaching it, with what was
// being done.
func Fault(doing string, err error) error {
	var kind *fault.Error
	if err == nil || errors.As(err, &kind) {
		return fault.During(doing, err)
	}
	if explained := Explained(doing, err); explained != nil {
		return explained
	}
	for _, answer := range answers {
		if answer.is(err) {
			return fault.Wrap(answer.kind, answer.hint, doing, err)
		}
	}
	return fault.During(doing, err)
}
