// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// wouldViolate matches the warning about a workload whose pods violate a standard. Only
// pods are refused, so that the workload itself is stored (pod-security-admission
// admission/admission.go).
var wouldViolate = lazyregexp.Regexp{Expr: `^would violate (PodSecurity "([a-z]+):[^"]*".*)`}

// podStandards are the levels of PodSecurity, the strictest last.
var podStandards = []string{"privileged", "baseline", "restricted"}

const enforceLabel = "pod-security.kubernetes.io/enforce"

// PodsRefused says that no pod of a workload will be created in its namespace, by the API
// server's warnings about the workload; nil if they say nothing of the kind, or the
// namespace warns of more than it enforces.
func PodsRefused(workload Ref, warnings []string, namespace *unstructured.Unstructured) error {
	for _, warning := range warnings {
		match := wouldViolate.Get().FindStringSubmatch(warning)
		if match == nil || namespace == nil {
			continue
		}
		enforced, violated := slices.Index(podStandards, namespace.GetLabels()[enforceLabel]), slices.Index(podStandards, match[2])
		if violated >= 0 && enforced >= violated {
			return fault.New(fault.Rejected, "label the namespace with "+enforceLabel+"=privileged or baseline, as the text asks, or set the pods' securityContext in values",
				"create the pods of %s: each violates %s", workload, match[1])
		}
	}
	return nil
}

// WarnOfPods reports whether any of the warnings is about pods that PodSecurity may refuse.
func WarnOfPods(warnings []string) bool {
	return slices.ContainsFunc(warnings, wouldViolate.Get().MatchString)
}
