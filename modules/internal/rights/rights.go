// SPDX-License-Identifier: AGPL-3.0-or-later

// Package rights lists the minimal permissions that each module needs, and
// generates the page, the manifests and the policy from that list.
package rights

// Rule is a rule of a Role or ClusterRole, with the reason for it.
type Rule struct {
	// Group is the API group; empty is the core group.
	Group            string
	Resources, Verbs []string
	Why              string
	// Names are the only objects that it applies to; empty for all.
	Names []string
}

// Place is a namespace: what is in it, and its usual name.
type Place struct{ What, Namespace string }

// The places in which modules have permissions.
var (
	Tempo   = Place{"Tempo", "tracing"}
	Traefik = Place{"Traefik", "kube-system"}
	Grafana = Place{"Grafana", "monitoring"}
	Linkerd = Place{"Linkerd", "linkerd"}
	Objects = Place{"the objects", "emojivoto"}
)

// Module is what one module needs. Most cluster-wide permissions only read: they
// find what is not named.
type Module struct {
	Name, Note string
	Place      Place
	Local      []Rule
	Cluster    []Rule
}

// keeps are the verbs for creating, changing and removing objects.
var keeps = []string{"create", "delete", "get", "patch"}

// Modules is the table. trace_probe sends and reads by the API server's proxy;
// with reach direct it needs no services/proxy.
var Modules = []Module{
	{Name: "grafana_datasource", Place: Grafana, Note: "With `via: api` none at all, unless the module has to find the address of a new data source (`services`).",
		Local: []Rule{
			{"", []string{"configmaps"}, []string{"create", "delete", "get", "list", "patch"}, "the provisioning ConfigMap, and other ones", nil},
			{"", []string{"secrets"}, []string{"get", "list"}, "the same as a Secret; with secrets in it also create, delete and patch", nil},
			{"apps", []string{"deployments", "statefulsets"}, []string{"list"}, "what Grafana's sidecar looks for", nil},
		},
		Cluster: []Rule{
			{"", []string{"namespaces"}, []string{"get"}, "whether the namespace is being deleted", nil},
			{"", []string{"services"}, []string{"list"}, "the address of Tempo or Loki, if none is given", nil},
		}},
	{Name: "k8s_apply", Place: Objects, Note: "For the kinds in your own manifests; these are those of emojivoto. `prune` searches the namespace, and needs list on the kinds that it looks for, including Secrets.",
		Local: []Rule{
			{"", []string{"configmaps", "serviceaccounts", "services"}, keeps, "the objects", nil},
			{"apps", []string{"deployments"}, keeps, "the objects, and waiting for them", nil},
			{"apps", []string{"replicasets"}, []string{"list"}, "why pods are not created", nil},
			{"networking.k8s.io", []string{"ingresses"}, keeps, "the objects", nil},
			{"", []string{"pods", "events"}, []string{"list"}, "why pods do not become ready", nil},
		},
		Cluster: []Rule{
			{"", []string{"namespaces"}, keeps, "the namespace among the manifests", nil},
		}},
	{Name: "linkerd_tracing", Place: Linkerd, Note: "Enough to change the settings of a Linkerd that Helm installed; the same in the namespace of its extension (`linkerd-jaeger`), if that has them. " +
		"Without a Linkerd the cluster-wide permissions are enough. To install the extension, the account needs every permission that the extension's own ClusterRoles grant: use the account that installed Linkerd. " +
		"Helm writes new certificates for Linkerd's webhooks at each upgrade; whoever may change these can read what is written to the API server.",
		Local: []Rule{
			{"", []string{"configmaps"}, keeps, "the module's record, and objects of the chart", nil},
			{"", []string{"secrets"}, append([]string{"list", "update"}, keeps...), "Helm's record, and the certificates of the webhooks", nil},
			{"", []string{"serviceaccounts", "services"}, []string{"get"}, "objects of the chart, which Helm compares", nil},
			{"apps", []string{"deployments"}, []string{"get", "list", "patch"}, "the settings, and waiting for them", nil},
			{"apps", []string{"statefulsets", "daemonsets"}, []string{"list"}, "what else has to become ready", nil},
			{"batch", []string{"cronjobs"}, []string{"get", "patch"}, "the heartbeat, whose schedule the chart chooses anew", nil},
			{"policy", []string{"poddisruptionbudgets"}, []string{"get", "patch"}, "objects of the chart, which Helm sends each time", nil},
			{"rbac.authorization.k8s.io", []string{"roles", "rolebindings"}, []string{"get"}, "objects of the chart, which Helm compares", nil},
			{"policy.linkerd.io", []string{"authorizationpolicies", "httproutes", "meshtlsauthentications", "networkauthentications", "serverauthorizations", "servers"},
				[]string{"get"}, "objects of the chart, which Helm compares", nil},
			{"apps", []string{"replicasets"}, []string{"list"}, "why pods are not created", nil},
			{"", []string{"pods", "events"}, []string{"list"}, "why pods do not become ready", nil},
		},
		Cluster: []Rule{
			{"", []string{"configmaps"}, []string{"get"}, "which Linkerd is installed", []string{"linkerd-config"}},
			{"", []string{"namespaces"}, []string{"get"}, "whether the namespaces exist", nil},
			{"", []string{"pods", "services"}, []string{"list"}, "where Tempo is, and whether it is in the mesh", nil},
			{"rbac.authorization.k8s.io", []string{"clusterroles", "clusterrolebindings"}, []string{"get"}, "objects of the chart, which Helm compares", nil},
			{"admissionregistration.k8s.io", []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}, []string{"get", "patch"}, "the certificates of the webhooks", nil},
		}},
	{Name: "tempo_helm", Place: Tempo, Note: "For charts `tempo` and `tempo-distributed`; if your own `values` enable other objects, add permissions for these. `service_graph` also needs list on `services` in the cluster, and get on `services/proxy` in Prometheus' namespace; without the latter Prometheus is not asked.",
		Local: []Rule{
			{"", []string{"configmaps", "serviceaccounts", "services"}, append([]string{"list", "update"}, keeps...), "objects of the chart", nil},
			{"", []string{"secrets"}, append([]string{"list", "update"}, keeps...), "the credentials, and Helm's record", nil},
			{"apps", []string{"deployments", "statefulsets"}, append([]string{"list", "update"}, keeps...), "objects of the chart, and waiting for them", nil},
			{"policy", []string{"poddisruptionbudgets"}, append([]string{"list", "update"}, keeps...), "objects of the chart `tempo-distributed`", nil},
			{"apps", []string{"replicasets"}, []string{"list"}, "why pods are not created", nil},
			{"", []string{"pods", "events"}, []string{"list"}, "whether pods become ready, and why not", nil},
			{"", []string{"pods/log"}, []string{"get"}, "why a pod terminated", nil},
			{"", []string{"persistentvolumeclaims"}, []string{"list", "delete"}, "whether volumes fit; `remove_volumes`", nil},
			{"", []string{"pods/proxy"}, []string{"create", "get"}, "flushing what pods hold before a move to another major version or mode; `ready_check: http`", nil},
			{"batch", []string{"jobs"}, []string{"create", "delete"}, "`verify_job`", nil},
			{"coordination.k8s.io", []string{"leases"}, []string{"create", "delete", "get", "update"}, "so that two runs do not change one release at the same time", nil},
		},
		Cluster: []Rule{
			{"", []string{"namespaces"}, []string{"get", "patch"}, "its namespace, with labels and annotations; to create or remove it also create and delete", nil},
			{"", []string{"nodes"}, []string{"list"}, "whether the pods can be scheduled", nil},
		}},
	{Name: "trace_probe", Place: Tempo, Note: "`services/proxy` in Traefik's namespace, too, for a request through Traefik.",
		Local: []Rule{
			{"", []string{"services/proxy"}, []string{"create", "get"}, "sending spans to Tempo and querying them; not with `reach: direct`", nil},
		},
		Cluster: []Rule{
			{"", []string{"services"}, []string{"list", "get"}, "where Tempo and Traefik are", nil},
		}},
	{Name: "traefik_tracing", Place: Traefik, Note: "For k3s' own Traefik. One that is a Helm release is upgraded by Helm, which needs permissions for its chart's objects.",
		Local: []Rule{
			{"helm.cattle.io", []string{"helmchartconfigs"}, keeps, "Traefik's values", nil},
			{"", []string{"pods", "secrets"}, []string{"list"}, "what runs, and Helm's record of it", nil},
			{"", []string{"pods/log"}, []string{"get"}, "why an upgrade fails; the access log", nil},
			{"batch", []string{"jobs"}, []string{"get", "delete"}, "the Helm controller's Job, and having it run again", nil},
			{"", []string{"configmaps"}, []string{"get"}, "the Helm controller's values", nil},
			{"", []string{"events"}, []string{"list"}, "why pods do not become ready", nil},
		},
		Cluster: []Rule{
			{"helm.cattle.io", []string{"helmcharts"}, []string{"list"}, "the HelmChart of Traefik", nil},
			{"k3s.cattle.io", []string{"addons"}, []string{"get"}, "whether a k3s manifest file defines the values", nil},
			{"apiextensions.k8s.io", []string{"customresourcedefinitions"}, []string{"get"}, "which failure policies this k3s supports", nil},
			{"apps", []string{"deployments", "daemonsets", "replicasets"}, []string{"list"}, "Traefik itself", nil},
			{"", []string{"services"}, []string{"list"}, "where Tempo is, if the task does not say", nil},
		}},
}
