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
	"github.com/picluster/tracing/modules/internal/wait"
)

// interval is how often the API server is asked while waiting.
const interval = time.Second

// condition reports whether an object is as it should be, else what is missing.
// An error says why it never will be.
type condition func(context.Context, *unstructured.Unstructured) (met bool, missing string, err error)

// alone is a condition on what the object itself tells.
func alone(met func(*unstructured.Unstructured) (bool, string, error)) condition {
	return func(_ context.Context, object *unstructured.Unstructured) (bool, string, error) { return met(object) }
}

func gone(object *unstructured.Unstructured) (bool, string, error) {
	return object == nil, "not gone yet", nil
}

// ready looks also for what keeps pods from being made.
func ready(rollout *kube.Rollout) condition {
	return func(ctx context.Context, object *unstructured.Unstructured) (bool, string, error) {
		done, missing, err := kube.Ready(object)
		if done || err != nil || object == nil {
			return done, missing, err
		}
		workload, runsPods := kube.FromObject(object)
		if !runsPods {
			return false, missing, nil
		}
		obstacle, err := rollout.Obstacle(ctx, object.GetNamespace(), workload)
		if obstacle != "" {
			missing += ", " + obstacle
		}
		return false, missing, err
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
	done, state, err := met(ctx, object)
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return false, "", fault.Doing("wait for "+ref.String(), err)
	case err != nil:
		return false, "", fault.As(fault.Rejected, "look at its events and logs", "wait for "+ref.String(), err)
	}
	return done, state, nil
}
