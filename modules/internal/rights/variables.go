// SPDX-License-Identifier: AGPL-3.0-or-later

package rights

import "strings"

// Variables are the table as variables of the role picluster_tracing_rbac.
func Variables() string {
	var out strings.Builder
	out.WriteString(licence + "---\n__picluster_tracing_rbac_rules:\n")
	for _, module := range Modules {
		out.WriteString("  " + module.Name + ":\n")
		for _, part := range []struct {
			name  string
			rules []Rule
		}{{"local", module.Local}, {"cluster", module.Cluster}} {
			out.WriteString("    " + part.name + ":\n")
			for _, rule := range part.rules {
				out.WriteString(rule.lines("      "))
			}
		}
	}
	return out.String()
}
