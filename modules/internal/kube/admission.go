// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// The words of the API server's own admission (kubernetes
// staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go and
// plugin/resourcequota/controller.go, plugin/pkg/admission and pod-security-admission
// for the rest). Most of them answer Forbidden, though no right is missing.
var (
	policyDenied = lazyregexp.Regexp{Expr: `ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request:? ?([^\n]*)`}
	overQuota    = lazyregexp.Regexp{Expr: `(?:exceeded|failed) quota: ([^\s,:]+)[^\n]*`}
	unsafePod    = lazyregexp.Regexp{Expr: `violates PodSecurity "[^\n]*`}
	noDryRun     = lazyregexp.Regexp{Expr: `admission webhook "([^"]+)" does not support dry run`} // apiserver pkg/admission/plugin/webhook/errors/statuserror.go
)

// admission says what the API server's own admission refused, nil if it is not the cause.
func admission(doing string, err error) error {
	text := err.Error()
	if match := policyDenied.Get().FindStringSubmatch(text); match != nil {
		return fault.Wrap(fault.Rejected, "change what the policy complains about, or the policy: kubectl get validatingadmissionpolicy "+match[1]+" -o yaml",
			doing, &reworded{"the policy " + match[1] + " refuses it: " + strings.TrimSpace(match[2]), err})
	}
	if match := overQuota.Get().FindStringSubmatch(text); match != nil {
		hint := "raise that ResourceQuota, remove what uses it up, or ask for less: kubectl describe resourcequota " + match[1]
		if strings.Contains(match[0], "must specify") {
			hint = "give the containers the resources that the ResourceQuota asks for"
		}
		return fault.Wrap(fault.Rejected, hint, doing, &reworded{match[0], err})
	}
	if match := unsafePod.Get().FindString(text); match != "" {
		return fault.Wrap(fault.Rejected, "change what it complains about, or the label pod-security.kubernetes.io/enforce of the namespace",
			doing, &reworded{"it " + match, err})
	}
	return nil
}

// DeniedByPolicy reports whether a ValidatingAdmissionPolicy refuses a request: it answers
// Invalid, as if the object itself were.
func DeniedByPolicy(err error) bool { return found(&policyDenied, err) }

// WithoutDryRun reports whether a request was refused because an admission webhook has side
// effects, so that it cannot be asked beforehand.
func WithoutDryRun(err error) bool { return found(&noDryRun, err) }

// NamespaceMissing reports whether a request was refused because its namespace does not
// exist.
func NamespaceMissing(err error, name string) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	return status.Status().Details.Kind == "namespaces" && status.Status().Details.Name == name
}

// LacksRight reports whether this user may not make a request.
func LacksRight(err error) bool { return found(&refused, err) }

// found looks for words of the API server, which Fault may have put in other words.
func found(words *lazyregexp.Regexp, err error) bool {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return words.Get().MatchString(status.Status().Message)
	}
	return err != nil && words.Get().MatchString(err.Error())
}
