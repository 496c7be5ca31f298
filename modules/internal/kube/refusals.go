// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// Explained is an answer whose text says more than its code, nil for any other: the API
// server answers Forbidden in a terminating namespace, and Internal Error for a
// webhook's failure.
func Explained(doing string, err error) error {
	if name := terminating(err); name != "" {
		return fault.Wrap(fault.Conflict, terminatingHint(name), doing, &reworded{"namespace " + name + " is being deleted", err})
	}
	if refusal := webhook(doing, err); refusal != nil {
		return refusal
	}
	if refusal := admission(doing, err); refusal != nil {
		return refusal
	}
	if refusal := undecoded(doing, err); refusal != nil {
		return refusal
	}
	return missingRight(doing, err)
}

// terminating is the namespace that accepts nothing new because it is being deleted, or
// "" (kubernetes plugin/pkg/admission/namespace/lifecycle/admission.go).
func terminating(err error) string {
	match := terminated.Get().FindStringSubmatch(err.Error())
	if match == nil {
		return ""
	}
	return match[1]
}

var terminated = lazyregexp.Regexp{Expr: `in namespace (\S+) because it is being terminated`}

func terminatingHint(name string) string {
	return "wait until it is gone and run again; where it never goes, look at what holds it (finalizers): kubectl get namespace " + name + " -o yaml"
}

// Gone is an error if a namespace is being deleted, with what holds it. It is
// nil for one that is absent or that this user may not read.
func (c Clients) Gone(ctx context.Context, name string) error {
	live, err := c.Core.Namespaces().Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return nil
	}
	if err != nil {
		return Fault("read namespace "+name, err)
	}
	return Terminating(live)
}

// Terminating is the error for a namespace that is being deleted, nil for any other.
func Terminating(namespace *core.Namespace) error {
	if namespace.DeletionTimestamp == nil {
		return nil
	}
	text := "namespace " + namespace.Name + " is being deleted"
	for _, condition := range namespace.Status.Conditions {
		if condition.Status == core.ConditionTrue && slices.Contains(holding, condition.Type) {
			text += ": " + condition.Message
		}
	}
	return fault.New(fault.Conflict, terminatingHint(namespace.Name), "%s", text)
}

// holding are the conditions that say why a namespace remains.
var holding = []core.NamespaceConditionType{core.NamespaceFinalizersRemaining, core.NamespaceDeletionContentFailure,
	core.NamespaceDeletionDiscoveryFailure, core.NamespaceDeletionGVParsingFailure}

var (
	webhookFailed = lazyregexp.Regexp{Expr: `failed calling webhook "([^"]+)": ([^\n]*)`}
	webhookDenied = lazyregexp.Regexp{Expr: `admission webhook "([^"]+)" denied the request:? ?([^\n]*)`}
	service       = lazyregexp.Regexp{Expr: `https://([a-z0-9-]+)\.([a-z0-9-]+)\.svc\b`}
)

// webhook says in one line what an admission webhook did, nil if none is the
// cause. It reads the text, since Helm joins such errors of several objects into
// one.
func webhook(doing string, err error) error {
	text := err.Error()
	if match := webhookFailed.Get().FindStringSubmatch(text); match != nil {
		behind := "its Service"
		if at := service.Get().FindStringSubmatch(match[2]); at != nil {
			behind = "its Service " + at[2] + "/" + at[1]
		}
		return fault.Wrap(fault.Unreachable, "look at the pods behind "+behind+" and run again; where it is no longer wanted, delete its configuration "+
			"(kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations)",
			doing, &reworded{fmt.Sprintf("the admission webhook %s does not answer: %s", match[1], match[2]), err})
	}
	if match := webhookDenied.Get().FindStringSubmatch(text); match != nil {
		return fault.Wrap(fault.Rejected, "the policy behind that webhook refuses it: change what it complains about, or the policy",
			doing, &reworded{fmt.Sprintf("the admission webhook %s refuses it: %s", match[1], strings.TrimSpace(match[2])), err})
	}
	return nil
}

// reworded is the API server's error in other words.
type reworded struct {
	text  string
	cause error
}

func (t *reworded) Error() string { return t.text }

func (t *reworded) Unwrap() error { return t.cause }
