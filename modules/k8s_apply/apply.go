// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/wait"
)

// pace is how often the API server is asked while waiting.
const pace = time.Second

// step is what a change does to the cluster.
type step interface {
	do(context.Context, *Module, Args) error
}

type (
	applyObject  struct{ manifest *unstructured.Unstructured }
	removeObject struct{ ref kube.Ref }
	awaitGone    struct{ refs []kube.Ref }
	awaitReady   struct{}
)

// Apply does one change.
func (m *Module) Apply(ctx context.Context, args Args, change plan.Change) error {
	return change.Payload.(step).do(ctx, m, args)
}

func (s applyObject) do(ctx context.Context, m *Module, args Args) error {
	object, err := m.cluster.Apply(ctx, s.manifest, args.applying(false))
	if err != nil {
		return scrubbed(s.manifest, err)
	}
	if object.GetKind() != "CustomResourceDefinition" {
		return nil
	}
	// Objects of the new kind follow: the API server serves it a moment later.
	defer m.cluster.Forget()
	return m.until(ctx, []kube.Ref{kube.RefOf(object)}, plainly(kube.Ready))
}

func (s removeObject) do(ctx context.Context, m *Module, _ Args) error {
	return m.cluster.Delete(ctx, s.ref)
}

func (s awaitGone) do(ctx context.Context, m *Module, args Args) error {
	ctx, cancel := context.WithTimeout(ctx, args.WaitTimeout)
	defer cancel()
	return m.until(ctx, s.refs, plainly(func(object *unstructured.Unstructured) (bool, string, error) {
		return object == nil, "not gone yet", nil
	}))
}

func (awaitReady) do(ctx context.Context, m *Module, args Args) error {
	ctx, cancel := context.WithTimeout(ctx, args.WaitTimeout)
	defer cancel()
	var refs []kube.Ref
	for _, one := range m.manifests {
		object, err := m.place(ctx, args, one.object)
		if err != nil {
			return err
		}
		refs = append(refs, object.Ref)
	}
	return m.until(ctx, refs, ready(m.clients.Rollout()))
}

// judgement is what a wait makes of an object: whether it is as it shall be, else
// what is missing, or why it never will be.
type judgement func(context.Context, *unstructured.Unstructured) (bool, string, error)

// plainly is for what the object itself tells.
func plainly(judge func(*unstructured.Unstructured) (bool, string, error)) judgement {
	return func(_ context.Context, object *unstructured.Unstructured) (bool, string, error) { return judge(object) }
}

// ready looks also for what keeps pods from being made.
func ready(looking *kube.Rollout) judgement {
	return func(ctx context.Context, object *unstructured.Unstructured) (bool, string, error) {
		done, missing, err := kube.Ready(object)
		if done || err != nil || object == nil {
			return done, missing, err
		}
		workload, runsPods := kube.FromObject(object)
		if !runsPods {
			return false, missing, nil
		}
		obstacle, err := looking.Obstacle(ctx, object.GetNamespace(), workload)
		if obstacle != "" {
			missing += ", " + obstacle
		}
		return false, missing, err
	}
}

// until waits until every object is as judged; what is so once is not asked for
// again.
func (m *Module) until(ctx context.Context, refs []kube.Ref, judge judgement) error {
	all := len(refs)
	return wait.Until(ctx, "the objects", pace, func(ctx context.Context) (bool, string, error) {
		var left []kube.Ref
		var states []string
		for _, ref := range refs {
			done, state, err := m.judged(ctx, ref, judge)
			if err != nil {
				return false, "", err
			}
			if !done {
				left, states = append(left, ref), append(states, fmt.Sprintf("%s: %s", ref, state))
			}
		}
		refs = left
		return len(refs) == 0, fmt.Sprintf("%d/%d: %s", all-len(refs), all, strings.Join(states, "; ")), nil
	})
}

func (m *Module) judged(ctx context.Context, ref kube.Ref, judge judgement) (bool, string, error) {
	object, err := m.cluster.Get(ctx, ref)
	if err != nil {
		return false, "", err
	}
	done, state, err := judge(ctx, object)
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return false, "", fault.Doing("wait for "+ref.String(), err)
	case err != nil:
		return false, "", fault.As(fault.Rejected, "look at its events and logs", "wait for "+ref.String(), err)
	}
	return done, state, nil
}
