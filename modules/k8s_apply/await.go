// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/rollout"
	"github.com/picluster/tracing/modules/internal/wait"
)

// interval is how often the API server is asked while waiting.
const interval = time.Second

// condition reports whether an object is as it should be, else what is missing.
// An error says why it never will be.
type condition func(ctx context.Context, ref kube.Ref, object *unstructured.Unstructured) (met bool, missing string, err error)

func gone(_ context.Context, _ kube.Ref, object *unstructured.Unstructured) (bool, string, error) {
	return object == nil, "not gone yet", nil
}

// rolledOut is a condition on what the object itself tells.
func rolledOut(_ context.Context, ref kube.Ref, object *unstructured.Unstructured) (bool, string, error) {
	status := rollout.Of(object)
	return status.Done(), status.String(), status.Err("wait for " + ref.String())
}

// ready looks also for what keeps pods from being created. What the manifest itself
// pauses or suspends is not waited for.
func ready(held map[kube.Ref]bool, obstacles *rollout.Watcher) condition {
	return func(ctx context.Context, ref kube.Ref, object *unstructured.Unstructured) (bool, string, error) {
		if held[ref] && rollout.Of(object).State == rollout.Held {
			return true, "", nil
		}
		done, missing, err := rolledOut(ctx, ref, object)
		if done || err != nil || object == nil {
			return done, missing, err
		}
		workload, runsPods := rollout.FromObject(object)
		if !runsPods {
			return false, missing, nil
		}
		obstacle, err := obstacles.Obstacle(ctx, object.GetNamespace(), workload)
		if obstacle != "" {
			missing += ", " + obstacle
		}
		return false, missing, fault.During("wait for "+ref.String(), err)
	}
}

// until waits until every object meets the condition; one that did is not asked
// for again.
func (c *client) until(ctx context.Context, refs []kube.Ref, met condition) error {
	all := len(refs)
	return wait.Until(ctx, "the objects", interval, func(ctx context.Context) (bool, string, error) {
		var left []kube.Ref
		var states []string
		for _, ref := range refs {
			done, state, err := c.check(ctx, ref, met)
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

func (c *client) check(ctx context.Context, ref kube.Ref, met condition) (bool, string, error) {
	object, err := c.cluster.Get(ctx, ref)
	if err != nil {
		return false, "", err
	}
	return met(ctx, ref, object)
}
