// SPDX-License-Identifier: AGPL-3.0-or-later

package rights

import (
	"fmt"
	"strings"
)

// Account is the ServiceAccount that the manifests bind.
type Account struct{ Namespace, Name string }

// DefaultAccount is the account of the manifests in docs/rights.
var DefaultAccount = Account{Tempo.Namespace, "picluster-tracing"}

// User is the account's name for the API server.
func (a Account) User() string { return "system:serviceaccount:" + a.Namespace + ":" + a.Name }

// In two pieces, so that it is not taken for the licence of this file.
const licence = "# SPDX-License-" + "Identifier: AGPL-3.0-or-later\n# Written by \"make docs\" from modules/internal/rights.\n"

// Manifest is the account with its namespace.
func (a Account) Manifest() string {
	return list("apiVersion: v1\nkind: Namespace\n"+metadata(a.Namespace, ""), "apiVersion: v1\nkind: ServiceAccount\n"+metadata(a.Name, a.Namespace))
}

// Manifest grants the account the permissions of the module: the local ones in the
// namespace, the others in the whole cluster.
func (m Module) Manifest(account Account, namespace string) string {
	name := account.Name + "-" + strings.ReplaceAll(m.Name, "_", "-")
	return list(role("ClusterRole", name, "", m.Cluster), binding("ClusterRole", name, "", account),
		role("Role", name, namespace, m.Local), binding("Role", name, namespace, account))
}

// list is one document of objects: Ansible's sanity tests accept no file with several.
func list(objects ...string) string {
	text := licence + "---\napiVersion: v1\nkind: List\nitems:\n"
	for _, object := range objects {
		lines := strings.Split(strings.TrimSuffix(object, "\n"), "\n")
		text += "  - " + strings.Join(lines, "\n    ") + "\n"
	}
	return text
}

func role(kind, name, namespace string, rules []Rule) string {
	var out strings.Builder
	fmt.Fprintf(&out, "apiVersion: rbac.authorization.k8s.io/v1\nkind: %s\n%srules:\n", kind, metadata(name, namespace))
	for _, rule := range rules {
		out.WriteString(rule.lines("  "))
	}
	return out.String()
}

// lines are the rule as an entry of a list in YAML.
func (r Rule) lines(indent string) string {
	text := fmt.Sprintf("%[1]s- apiGroups: [%[2]q] # %[3]s\n%[1]s  resources: [%[4]s]\n%[1]s  verbs: [%[5]s]\n",
		indent, r.Group, r.Why, strings.Join(r.Resources, ", "), strings.Join(r.Verbs, ", "))
	if len(r.Names) > 0 {
		text += indent + "  resourceNames: [" + strings.Join(r.Names, ", ") + "]\n"
	}
	return text
}

func binding(kind, name, namespace string, account Account) string {
	return fmt.Sprintf(`apiVersion: rbac.authorization.k8s.io/v1
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
