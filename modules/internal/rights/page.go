// SPDX-License-Identifier: AGPL-3.0-or-later

package rights

import (
	"fmt"
	"strings"
)

// Bucket is that of the policy in docs/rights.
const Bucket = "k3s-tempo"

const head = `# Rights

The modules use the permissions of the kubeconfig that they are given. By default that is k3s' own, which may do everything. These are
the minimum; a test runs each module with an account that has exactly these. "make docs" writes this page and the manifests in
` + "`docs/rights/`" + ` from one table.

` + "```" + `
kubectl apply -f docs/rights/account.yml -f docs/rights/tempo_helm.yml -f docs/rights/traefik_tracing.yml
kubectl --namespace tracing create token picluster-tracing --duration 8760h
` + "```" + `

The role [picluster_tracing_rbac](../roles/picluster_tracing_rbac/README.md) does the same from a play, in the namespaces that you name.

Put the token into a kubeconfig for ` + "`tracing_kubeconfig`" + `, or into ` + "`api_key`" + ` beside ` + "`host`" + ` in a task. If you use other namespaces
than the manifests do, change them there. If a permission is missing, the task fails and its hint names the verb, the resource and
where to grant it.

The account can read and write the Secrets of the namespace; cluster-wide permissions only read, except for labels of namespaces
and the certificates of Linkerd's webhooks.
`

// Page is docs/rights.md.
func Page() string {
	var out strings.Builder
	out.WriteString(head)
	for _, module := range Modules {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n\n| where | API group | resources | verbs | for |\n|---|---|---|---|---|\n", module.Name, module.Note)
		rows(&out, "namespace of "+module.Place.What+" (`"+module.Place.Namespace+"`)", module.Local)
		rows(&out, "cluster", module.Cluster)
	}
	fmt.Fprintf(&out, "\n## minio_tempo_bucket\n\nNone in Kubernetes. In MinIO its `access_key` can be another one than root's, with the policy\n"+
		"[minio.json](rights/minio.json) and its admin actions %s. MinIO cannot narrow admin\nactions to one user: whoever may "+
		"attach policies can become an administrator. A quota (`quota`) also needs `admin:SetBucketQuota` and\n`admin:GetBucketQuota`. Any other S3 store needs only the S3 actions.\n", code(Actions))
	return out.String()
}

func rows(out *strings.Builder, where string, rules []Rule) {
	for _, rule := range rules {
		group := rule.Group
		if group == "" {
			group = "core"
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", where, group, rule.what(), strings.Join(rule.Verbs, ", "), rule.Why)
	}
}

// what names the resources, and the objects that the rule is restricted to.
func (r Rule) what() string {
	if len(r.Names) == 0 {
		return code(r.Resources)
	}
	return code(r.Resources) + " named " + code(r.Names)
}

func code(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

// Files are the page, the manifests, the role's variables and the policy, by path.
func Files() map[string]string {
	files := map[string]string{"docs/rights.md": Page(), "docs/rights/account.yml": DefaultAccount.Manifest(), "docs/rights/minio.json": Policy(Bucket),
		"roles/picluster_tracing_rbac/vars/main.yml": Variables()}
	for _, module := range Modules {
		files["docs/rights/"+module.Name+".yml"] = module.Manifest(DefaultAccount, module.Place.Namespace)
	}
	return files
}
