// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"slices"
	"time"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempobudget"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/tempomode"
	"github.com/picluster/tracing/modules/internal/tempomove"
	"github.com/picluster/tracing/modules/internal/temporollout"
)

// Args are the task's options.
type Args struct {
	kube.Access
	State     string `json:"state"`
	Release   string `json:"release_name"`
	Namespace string `json:"release_namespace"`
	Mode      string `json:"mode"`

	ChartRef        string      `json:"chart_ref"`
	ChartRepoURL    string      `json:"chart_repo_url"`
	ChartVersion    string      `json:"chart_version"`
	RepoUsername    string      `json:"chart_repo_username"`
	RepoPassword    secret.Text `json:"chart_repo_password"`
	RepoCACert      string      `json:"chart_repo_ca_cert"`
	RepoInsecure    bool        `json:"insecure_skip_tls_verify"`
	PlainHTTP       bool        `json:"plain_http"`
	CreateNamespace bool        `json:"create_namespace"`

	NamespaceLabels      map[string]string `json:"namespace_labels"`
	NamespaceAnnotations map[string]string `json:"namespace_annotations"`

	Wait          bool          `json:"wait"`
	WaitTimeout   time.Duration `json:"wait_timeout"`
	ReadyCheck    string        `json:"ready_check"`
	Atomic        bool          `json:"atomic"`
	HistoryMax    int           `json:"history_max"`
	SkipCRDs      bool          `json:"skip_crds"`
	TakeOwnership bool          `json:"take_ownership"`
	Description   string        `json:"description"`
	ReturnValues  string        `json:"return_values"`
	Drift         string        `json:"drift"`
	Recover       bool          `json:"recover"`
	Migrate       string        `json:"migrate"`
	VerifyJob     bool          `json:"verify_job"`
	RemoveVolumes bool          `json:"remove_volumes"`
	RemoveSpace   bool          `json:"remove_namespace"`

	Room

	tempochart.Config
}

// Room is how much of the object storage there is for blocks.
type Room = tempobudget.Config

// The states.
const (
	present = "present"
	absent  = "absent"
)

// The ways to treat drift.
const (
	driftIgnore  = "ignore"
	driftReport  = "report"
	driftCorrect = "correct"
)

// Options is the table behind Args.
func (Module) Options() option.Table {
	rows := slices.Concat(releaseOptions(), runOptions(), tempochart.Options(), tempobudget.Options(), kube.Options())
	return option.Table{
		Options:          rows,
		RequiredIf:       []option.RequiredIf{{Option: "state", Value: present, Needs: []string{"s3", "storage"}, Any: true}},
		RequiredTogether: [][]string{{"chart_repo_username", "chart_repo_password"}},
	}
}

// currentRepository is where the charts are developed since the end of January
// 2026; frozenRepository is where they were before
// (grafana-community/helm-charts README.md).
const (
	currentRepository = "https://grafana-community.github.io/helm-charts"
	frozenRepository  = "https://grafana.github.io/helm-charts"
)

// chartLogin are the options that take the login of a chart repository.
const chartLogin = "chart_repo_username and chart_repo_password"

// maxRevisions is far more than anybody looks back at.
const maxRevisions = 1000

// releaseOptions are the rows about the chart and the release. Names and
// aliases are those of kubernetes.core.helm (plugins/modules/helm.py, 6.x).
func releaseOptions() []option.Option {
	return []option.Option{
		{Name: "state", Type: option.Text, Default: present, Choices: []string{present, absent}, Aliases: []string{"release_state"}, Doc: []string{
			"Whether the release should exist."}},
		{Name: "release_name", Type: option.Text, Default: "tempo", Aliases: []string{"name"}, Check: option.CheckName, Doc: []string{
			"Name of the Helm release. The objects are named after it: V(tempo) gives C(tempo-distributor)."}},
		{Name: "release_namespace", Type: option.Text, Default: "tracing", Aliases: []string{"namespace"}, Check: option.CheckNamespace, Doc: []string{
			"Namespace of the release."}},
		{Name: "mode", Type: option.Text, Default: tempomode.Auto, Choices: []string{tempomode.Auto, tempomode.Microservices, tempomode.Monolithic}, Doc: []string{
			"V(microservices) runs each part of Tempo in its own pods (chart C(tempo-distributed)); V(monolithic) runs all of it in one pod (chart C(tempo)), which is lighter and takes 25 MB of spans a second and more.",
			"V(auto) leaves an existing release as it is. A new one is V(monolithic) if fewer than three nodes that may run it have 16 GiB of allocatable memory each, else V(microservices); options that only one of the two has, and O(chart_version), take precedence over the nodes. RV(mode) and RV(mode_reason) say what was chosen, and why."}},
		{Name: "chart_ref", Type: option.Text, Check: option.CheckNoLoginBut(chartLogin), Doc: []string{
			"The chart: its name in O(chart_repo_url), a C(oci://) reference, the URL of an archive, or the path of a folder or C(.tgz) on the host that runs the task.",
			"The default is the chart of O(mode)."}},
		{Name: "chart_repo_url", Type: option.Text, Default: currentRepository, Check: option.CheckNoLoginBut(chartLogin), Doc: []string{
			"URL of the chart repository."}},
		{Name: "chart_version", Type: option.Text, Doc: []string{
			"Version of the chart, such as V(2.26.2), or a range, such as V(~2.26.0). Version 2.26.2 is the last of C(tempo-distributed) that needs no Kafka.",
			"Without it a new release gets the newest version that this collection was proven with (C(tempo) 3.0.0, which is Tempo 3.0.3, or C(tempo-distributed) 2.26.2), and an existing one keeps its major version of Tempo: it gets the newest proven one of that, if it is newer and reads the stored blocks. With O(chart_ref) each run takes the newest version, and says so in a warning."}},
		{Name: "chart_repo_username", Type: option.Text, Login: true, Aliases: []string{"repo_username"}, Doc: []string{
			"User for the chart repository or the OCI registry."}},
		{Name: "chart_repo_password", Type: option.Text, Secret: true, Aliases: []string{"repo_password"}, Doc: []string{
			"Password for the chart repository or the OCI registry."}},
		{Name: "chart_repo_ca_cert", Type: option.Path, Inline: true, Doc: []string{
			"CA certificate of the chart repository, as a path on the host that runs the task or as PEM text. It is trusted in addition to those of that host."}},
		{Name: "insecure_skip_tls_verify", Type: option.Bool, Default: false, Aliases: []string{"skip_tls_certs_check"}, Doc: []string{
			"Accept any certificate of the chart repository."}},
		{Name: "plain_http", Type: option.Bool, Default: false, Doc: []string{
			"Use HTTP to reach the OCI registry."}},
		{Name: "create_namespace", Type: option.Bool, Default: true, Doc: []string{
			"Create the namespace if it does not exist."}},
		{Name: "namespace_labels", Type: option.Map, Elements: option.Text, Default: map[string]any{}, Doc: []string{
			"Labels that the namespace should have. Others are left unchanged."}},
		{Name: "namespace_annotations", Type: option.Map, Elements: option.Text, Default: map[string]any{}, Doc: []string{
			"Annotations that the namespace should have, such as C(linkerd.io/inject: enabled). Others are left unchanged."}},
	}
}

// runOptions are the rows about how a run goes.
func runOptions() []option.Option {
	return []option.Option{
		{Name: "wait", Type: option.Bool, Default: true, Doc: []string{
			"Wait until the workloads of the release are ready.",
			"A Deployment that has never had other pods, as on an install, counts as ready as soon as they are. One whose pods were replaced counts once they have been ready for its C(minReadySeconds), which charts of C(tempo-distributed) set to 10, so that new pods that fail a moment later are noticed, and rolled back with O(atomic)."}},
		{Name: "wait_timeout", Type: option.Duration, Default: "10m", Aliases: []string{"timeout"}, Doc: []string{
			"How long to wait for the workloads, such as V(10m) or a number of seconds.",
			"The whole run takes at most this, the same again for what an upgrade may have to store first (O(migrate)), the same again if O(atomic) rolls a change back or O(remove_namespace) removes the namespace, and five minutes for everything else. A server that accepts a connection and does not answer is given 30 seconds."}},
		{Name: "ready_check", Type: option.Text, Since: "1.1.0", Default: temporollout.Workloads, Choices: []string{temporollout.Workloads, temporollout.HTTP, temporollout.Auto}, Doc: []string{
			"What counts as ready while waiting: V(workloads) is what Kubernetes reports for Deployments and StatefulSets. V(http) also asks each pod of Tempo for C(/ready) through the API server's proxy, since older charts have no readiness probe on some pods, and waits until obsolete pods have ended. V(auto) does so if the proxy may be used and reaches the pods."}},
		{Name: "atomic", Type: option.Bool, Default: false, Doc: []string{
			"When an upgrade fails, roll back to the previous revision; when a first install fails, remove it."}},
		{Name: "history_max", Type: option.Int, Default: 10, Check: option.Between(0, maxRevisions), Doc: []string{
			"How many revisions of the release Helm keeps, at most 1000. V(0) keeps all."}},
		{Name: "skip_crds", Type: option.Bool, Default: false, Doc: []string{
			"Do not install the custom resource definitions that the chart brings."}},
		{Name: "take_ownership", Type: option.Bool, Default: false, Doc: []string{
			"Take over objects that already exist and do not belong to this release, and change a release even if a GitOps tool (Flux, Argo CD) or a HelmChart of k3s manages it. Without it the task is refused, since that tool would revert the change."}},
		{Name: "drift", Type: option.Text, Default: driftReport, Choices: []string{driftIgnore, driftReport, driftCorrect}, Doc: []string{
			"What to do about objects of the release that somebody changed or deleted outside Helm.",
			"V(report) compares the workloads, Services and ConfigMaps and lists the fields in RV(drift) and in a warning. V(correct) compares every object of the release and corrects it, without a new revision. Only fields that the chart sets count.",
			"If a Deployment or StatefulSet is gone, V(report) recreates everything that is missing of the release, since it would not run. With O(wait=true) a run fails when V(report) finds a workload that somebody scaled to zero, or V(ignore) one that is gone."}},
		{Name: "recover", Type: option.Bool, Default: true, Doc: []string{
			"Repair a release that was left pending (C(pending-install), C(pending-upgrade), C(pending-rollback), C(uninstalling)) by a process that died: its record is marked as failed and the release is upgraded. Nothing is uninstalled.",
			"A process of this module leaves a Lease behind that shows for certain whether it has died. A process of the C(helm) command is assumed dead after O(wait_timeout)."}},
		{Name: "migrate", Type: option.Text, Since: "1.1.0", Default: tempomove.Drain, Choices: []string{tempomove.Drain, tempomove.Lossy}, Doc: []string{
			"What to do about spans that are not in the object storage yet, when an upgrade goes from one major version of Tempo to the next or from one O(mode) to the other: Tempo 2 loses the end of the write-ahead log of Tempo 1, and Tempo 3 and the pods of another mode do not read what the old ones hold in memory and in their write-ahead log at all.",
			"V(drain) stores it first (C(/flush) and C(/shutdown) of each ingester, or of the one pod, through the API server's proxy) and waits until that is done, at most O(wait_timeout); until the new pods are ready no spans are accepted, and clients have to send them again. If a pod cannot be reached the task is refused before anything is written, except from Tempo 1 to 2, where a warning says what may be lost. An upgrade to a Tempo that does not read the stored blocks is refused, too; the message lists the runs to make in turn. The oldest and the newest block in the bucket of O(s3) are checked for that, if the host can reach it.",
			"V(lossy) upgrades without it. A downgrade from Tempo 3 to 2 is always refused, and so is O(atomic) for an upgrade to another major version."}},
		{Name: "verify_job", Type: option.Bool, Since: "1.1.0", Default: false, Doc: []string{
			"Before a new configuration or a new image is rolled out, have that very Tempo read it in a Job (C(-config.verify=true)), and fail before anything is upgraded if it would not start with it. O(verify_config) compares field names only; this also finds values of the wrong type.",
			"The Job is deleted afterwards; secrets in the configuration are masked in it. If it has no result within two minutes, a warning says why and the upgrade goes on. It does not run in check mode, with Tempo before 2.1, and when neither the configuration nor the image changes. It needs the right to create and delete Jobs."}},
		{Name: "remove_volumes", Type: option.Bool, Default: false, Doc: []string{
			"With O(state=absent), remove the release's persistent volume claims too, and with them what is not in the object storage yet."}},
		{Name: "remove_namespace", Type: option.Bool, Default: false, Doc: []string{
			"With O(state=absent), remove the namespace too, with all that is in it."}},
		{Name: "description", Type: option.Text, Doc: []string{
			"Description of the revision in the release's history."}},
		{Name: "return_values", Type: option.Text, Since: "1.1.0", Default: returnAuto, Choices: []string{returnAuto, returnAlways}, Doc: []string{
			"Whether to return RV(release_values) where they are larger than any that people write by hand (6 KiB as JSON). V(auto) returns their size and digest instead, since Ansible keeps and passes on what a task returns, once for each host and each time."}},
	}
}
