// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"fmt"
	patterns "path"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
)

// Args are the options of a task.
type Args struct {
	kube.Access
	State          string        `json:"state"`
	Definition     any           `json:"definition"`
	Src            []string      `json:"src"`
	Namespace      string        `json:"namespace"`
	FieldManager   string        `json:"field_manager"`
	ForceConflicts bool          `json:"force_conflicts"`
	TakeOver       []string      `json:"take_over"`
	Prune          string        `json:"prune"`
	Wait           bool          `json:"wait"`
	WaitTimeout    time.Duration `json:"wait_timeout"`
	Limit          time.Duration `json:"timeout"`
}

// checkSelector refuses a selector that selects everything: it would prune what
// was never meant.
func checkSelector(value any) error {
	selector, err := labels.Parse(fmt.Sprint(value))
	if err != nil {
		return fmt.Errorf("must be a label selector such as app.kubernetes.io/part-of=emojivoto")
	}
	if selector.Empty() {
		return fmt.Errorf("must name a label")
	}
	return nil
}

func checkPatterns(value any) error {
	for _, pattern := range value.([]any) {
		if _, err := patterns.Match(fmt.Sprint(pattern), ""); err != nil {
			return fmt.Errorf("must hold names of managers, or patterns such as kubectl-*")
		}
	}
	return nil
}

// Options is the module's table.
func (Module) Options() option.Table {
	rows := []option.Option{
		{Name: "state", Type: option.Text, Default: "present", Choices: []string{"present", "absent"}, Doc: []string{
			"Whether the objects should exist. With V(absent) they are removed in reverse order, except those that O(field_manager) never applied."}},
		{Name: "definition", Type: option.Raw, Aliases: []string{"resource_definition", "inline"}, Doc: []string{
			"Manifests as YAML text of one or more documents, as a dictionary, or as a list of dictionaries. Objects of kind C(List) are split into their items."}},
		{Name: "src", Type: option.List, Elements: option.Path, Doc: []string{
			"Files with manifests, or folders of which each file that ends in C(.yaml), C(.yml) or C(.json) is read, in the order of their names. They are read on the managed host."}},
		{Name: "namespace", Type: option.Text, Check: option.CheckNamespace, Doc: []string{
			"Namespace of objects whose manifest names none; by default that of the kubeconfig's context."}},
		{Name: "field_manager", Type: option.Text, Default: kube.Manager, Check: option.CheckLine, Doc: []string{
			"Name under which the API server records who owns a field. Only fields that it owns are compared, shown and removed."}},
		{Name: "force_conflicts", Type: option.Bool, Default: false, Doc: []string{
			"Whether to take over fields that another manager owns, and to change and remove objects that a GitOps tool (Flux, Argo CD) or a manifest file of k3s manages. Without it such a manifest is refused before anything is written."}},
		{Name: "take_over", Type: option.List, Since: "1.1.0", Check: checkPatterns, Doc: []string{
			"Managers whose fields are taken over while those of others are still refused, with C(*) for any letters: V(kubectl-*) for an application that was applied with kubectl before.",
			"A field that the manifests do not name stays, whoever has set it, as with every server-side apply: it may be an autoscaler's or the user's own. Remove it the way it was set, for example with C(kubectl set env deployment NAME VARIABLE-)."}},
		{Name: "prune", Type: option.Text, Check: checkSelector, Doc: []string{
			"Label selector. Objects in the namespaces of the manifests that match it, that O(field_manager) has applied and that are no longer among the manifests are removed. Every manifest must match it too."}},
		{Name: "wait", Type: option.Bool, Default: true, Doc: []string{
			"Whether to wait until workloads are ready and removed objects are gone.",
			"A Deployment that has never had other pods counts as ready as soon as they are. One whose pods were replaced, and a DaemonSet, counts once they have been ready for its C(minReadySeconds).",
			"Pods that an update strategy does not replace (a C(partition), C(OnDelete)) and what a manifest itself pauses or suspends are not waited for. A rollout that somebody else has paused ends the wait."}},
		{Name: "wait_timeout", Type: option.Duration, Default: "5m", Doc: []string{"How long to wait."}},
		{Name: "timeout", Type: option.Duration, Default: "1m", Doc: []string{
			"How long everything except waiting may take, and each reading of the cluster. The whole run takes at most this and O(wait_timeout)."}},
	}
	return option.Table{
		Options:       append(rows, kube.Options()...),
		RequiredOneOf: [][]string{{"definition", "src"}},
	}
}
