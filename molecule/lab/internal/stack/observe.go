// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"fmt"

	"github.com/picluster/tracing/molecule/lab/internal/kube"
)

// condition is an entry of status.conditions.
type condition struct {
	Type, Status, Message string
}

func holds(conditions []condition, kind string) bool {
	for _, one := range conditions {
		if one.Type == kind {
			return one.Status == "True"
		}
	}
	return false
}

func nodeReady(ctx context.Context, client *kube.Client, name string) error {
	var node struct {
		Status struct{ Conditions []condition }
	}
	if err := client.Get(ctx, "/api/v1/nodes/"+name, &node); err != nil {
		return err
	}
	if !holds(node.Status.Conditions, "Ready") {
		return fmt.Errorf("node %s is not ready", name)
	}
	return nil
}

// jobDone requires a finished Job that installed that very chart; an earlier version's Job does not count.
func jobDone(ctx context.Context, client *kube.Client, name, chart string) error {
	var job struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Env []struct{ Name, Value string }
					}
				}
			}
		}
		Status struct{ Conditions []condition }
	}
	if err := client.Get(ctx, "/apis/batch/v1/namespaces/kube-system/jobs/"+name, &job); err != nil {
		return err
	}
	for _, container := range job.Spec.Template.Spec.Containers {
		for _, variable := range container.Env {
			if variable.Name == "CHART" && variable.Value == chart && holds(job.Status.Conditions, "Complete") {
				return nil
			}
		}
	}
	return fmt.Errorf("job kube-system/%s has not installed %s yet", name, chart)
}

func deploymentReady(ctx context.Context, client *kube.Client, namespace, name string) error {
	var deployment struct {
		Metadata struct{ Generation int64 }
		Spec     struct{ Replicas int }
		Status   struct {
			ObservedGeneration                 int64
			UpdatedReplicas, AvailableReplicas int
		}
	}
	if err := client.Get(ctx, "/apis/apps/v1/namespaces/"+namespace+"/deployments/"+name, &deployment); err != nil {
		return err
	}
	status := deployment.Status
	if status.ObservedGeneration < deployment.Metadata.Generation || status.UpdatedReplicas < deployment.Spec.Replicas ||
		status.AvailableReplicas < deployment.Spec.Replicas {
		return fmt.Errorf("%d of %d pods are available", status.AvailableReplicas, deployment.Spec.Replicas)
	}
	return nil
}
