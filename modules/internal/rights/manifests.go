// SPDX-License-Identifier: AGPL-3.0-or-later

package rights

import (
	"fmt"
	"strings"
)

// Account is the ServiceAccount that the manifests bind.
type Account struct{ Namespace, Name string }

// Usual is the account of the manifests in docs/rights.
var Usual = Account{Tempo.Usual, "picluster-tracing"}

// User is the account's name for the API server.
func (a Account) User() string { return "system:serviceaccount:" + a.Namespace + ":" + a.Name }

const licence = "# SPDX-License-Identifier: AGPL-3.0-or-later\n# Written by \"make docs\" from modules/internal/rights.\n"

// Manifest is the account with the namespace that it is in.
func (a Account) Manifest() string {
	return licence + fmt.Sprintf(`---
apiVersion: v1
kind: Namespace
metadata:
  name: %[1]s
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: %[2]s
  namespace: %[1]s
`, a.Namespace, a.Name)
}

// Manifest gives the account the rights of the module, with those in its place in
// a namespace.
func (m Module) Manifest(account Account, namespace string) string {
	name := account.Name + "-" + strings.ReplaceAll(m.Name, "_", "-")
	return licence + role("ClusterRole", name, "", m.Cluster) + binding("ClusterRole", name, "", account) +
		role("Role", name, namespace, m.Local) + binding("Role", name, namespace, account)
}

func role(kind, name, namespace string, rules []Rule) string {
	var out strings.Builder
	fmt.Fprintf(&out, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: %s\n%srules:\n", kind, metadata(name, namespace))
	for _, rule := range rules {
		fmt.Fprintf(&out, "  - apiGroups: [%q] # %s\n    resources: [%s]\n    verbs: [%s]\n", rule.Group, rule.Why, strings.Join(rule.Resources, ", "), strings.Join(rule.Verbs, ", "))
	}
	return out.String()
}

func binding(kind, name, namespace string, account Account) string {
	return fmt.Sprintf(`---
apiVersion: rbac.authorization.k8s.io/v1
kind: %[1]sBinding
%[2]sroleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: %[1]s
  name: %[3]s
subjects:
  - kind: ServiceAccount
    name: %[4]s
    namespace: %[5]s
`, kind, metadata(name, namespace), name, account.Name, account.Namespace)
}

func metadata(name, namespace string) string {
	text := "metadata:\n  name: " + name + "\n"
	if namespace != "" {
		text += "  namespace: " + namespace + "\n"
	}
	return text
}
