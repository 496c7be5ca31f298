// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"fmt"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// refused matches the message of RBAC's authorizer (apiserver
// pkg/endpoints/handlers/responsewriters/errors.go). Helm keeps the message and
// loses the error's type.
var refused = lazyregexp.Regexp{Expr: `cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)"| at the cluster scope)`}

// missingRight is the error for a missing right, with the verb and the resource to
// grant in its hint; nil for any other error.
func missingRight(doing string, err error) error {
	match := refused.Get().FindStringSubmatch(err.Error())
	if match == nil {
		return nil
	}
	verb, resource, group, role := match[1], match[2], "", "a ClusterRole"
	if match[3] != "" {
		group = " of the API group " + match[3]
	}
	if match[4] != "" {
		role = "a Role in namespace " + match[4]
	}
	hint := fmt.Sprintf("give this user the verb %s on %s%s in %s (the role picluster_tracing_rbac gives all that a module needs), or use a kubeconfig with more rights",
		verb, resource, group, role)
	return fault.Wrap(fault.Denied, hint, doing, err)
}
