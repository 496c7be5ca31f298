// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"encoding/json"
	"io"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Reader reads typed objects. It has no method that writes, so code with only a
// Reader cannot write. In a list, namespace "" means all; selector is a label
// selector, "" for all. A single object that is absent is nil, not an error.
type Reader struct{ clients Clients }

// Reader returns a client that only reads.
func (c Clients) Reader() Reader { return Reader{c} }

// ConfigMap reads one.
func (r Reader) ConfigMap(ctx context.Context, namespace, name string) (*core.ConfigMap, error) {
	return get(ctx, r.clients.Core.ConfigMaps(namespace), "ConfigMap", namespace, name)
}

// ConfigMaps lists them.
func (r Reader) ConfigMaps(ctx context.Context, namespace, selector string) ([]core.ConfigMap, error) {
	found, err := list(ctx, r.clients.Core.ConfigMaps(namespace), "ConfigMaps", namespace, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// Namespace reads one.
func (r Reader) Namespace(ctx context.Context, name string) (*core.Namespace, error) {
	return get(ctx, r.clients.Core.Namespaces(), "Namespace", "", name)
}

// Nodes lists them.
func (r Reader) Nodes(ctx context.Context) ([]core.Node, error) {
	found, err := list(ctx, r.clients.Core.Nodes(), "nodes", "", "")
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// Claims lists the PersistentVolumeClaims.
func (r Reader) Claims(ctx context.Context, namespace, selector string) ([]core.PersistentVolumeClaim, error) {
	found, err := list(ctx, r.clients.Core.PersistentVolumeClaims(namespace), "PersistentVolumeClaims", namespace, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// Pods lists them.
func (r Reader) Pods(ctx context.Context, namespace, selector string) ([]core.Pod, error) {
	found, err := list(ctx, r.clients.Core.Pods(namespace), "pods", namespace, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// Log opens the log of a pod; the caller closes it.
func (r Reader) Log(ctx context.Context, namespace, pod string, options *core.PodLogOptions) (io.ReadCloser, error) {
	stream, err := r.clients.Core.Pods(namespace).GetLogs(pod, options).Stream(ctx)
	return stream, Fault("read the log of pod "+namespace+"/"+pod, err)
}

// Secret reads one.
func (r Reader) Secret(ctx context.Context, namespace, name string) (*core.Secret, error) {
	return get(ctx, r.clients.Core.Secrets(namespace), "Secret", namespace, name)
}

// Secrets lists them.
func (r Reader) Secrets(ctx context.Context, namespace, selector string) ([]core.Secret, error) {
	found, err := list(ctx, r.clients.Core.Secrets(namespace), "Secrets", namespace, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// Service reads one.
func (r Reader) Service(ctx context.Context, namespace, name string) (*core.Service, error) {
	return get(ctx, r.clients.Core.Services(namespace), "Service", namespace, name)
}

// Services lists them.
func (r Reader) Services(ctx context.Context, namespace, selector string) ([]core.Service, error) {
	found, err := list(ctx, r.clients.Core.Services(namespace), "Services", namespace, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// FindServices lists the Services of all namespaces for a search among them;
// doing names the search, for the error.
func (r Reader) FindServices(ctx context.Context, selector, doing string) ([]core.Service, error) {
	found, err := r.clients.Core.Services("").List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, Fault(doing, err)
	}
	return found.Items, nil
}

// Deployment reads one.
func (r Reader) Deployment(ctx context.Context, namespace, name string) (*apps.Deployment, error) {
	return get(ctx, r.clients.Apps.Deployments(namespace), "Deployment", namespace, name)
}

// Deployments lists them.
func (r Reader) Deployments(ctx context.Context, namespace, selector string) ([]apps.Deployment, error) {
	found, err := list(ctx, r.clients.Apps.Deployments(namespace), "Deployments", namespace, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// DaemonSet reads one.
func (r Reader) DaemonSet(ctx context.Context, namespace, name string) (*apps.DaemonSet, error) {
	return get(ctx, r.clients.Apps.DaemonSets(namespace), "DaemonSet", namespace, name)
}

// Job reads one.
func (r Reader) Job(ctx context.Context, namespace, name string) (*batch.Job, error) {
	return get(ctx, r.clients.Batch.Jobs(namespace), "Job", namespace, name)
}

// DaemonSets lists them.
func (r Reader) DaemonSets(ctx context.Context, namespace, selector string) ([]apps.DaemonSet, error) {
	found, err := list(ctx, r.clients.Apps.DaemonSets(namespace), "DaemonSets", namespace, selector)
	if err != nil {
		return nil, err
	}
	return found.Items, nil
}

// WorkloadObjects lists the Deployments and StatefulSets.
func (r Reader) WorkloadObjects(ctx context.Context, namespace, selector string) ([]apps.Deployment, []apps.StatefulSet, error) {
	return r.clients.WorkloadObjects(ctx, namespace, selector)
}

// Version is that of the API server, such as v1.34.4+k3s1; "" where it does not
// say.
func (r Reader) Version(ctx context.Context) (string, error) {
	body, err := r.clients.Core.RESTClient().Get().AbsPath("/version").DoRaw(ctx)
	if err != nil {
		return "", Fault("read the version of Kubernetes", err)
	}
	var answer struct {
		GitVersion string `json:"gitVersion"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", Fault("read the version of Kubernetes", err)
	}
	return answer.GitVersion, nil
}

// Gone is the error for a namespace that is being deleted, nil for any other.
func (r Reader) Gone(ctx context.Context, namespace string) error {
	return r.clients.Gone(ctx, namespace)
}

// ReleaseOwner is the GitOps object that manages a Helm release, if any.
func (r Reader) ReleaseOwner(ctx context.Context, namespace, name string) (Owner, error) {
	return r.clients.ReleaseOwner(ctx, namespace, name)
}

// getter and lister are methods of every typed client of client-go.
type getter[T any] interface {
	Get(ctx context.Context, name string, options meta.GetOptions) (*T, error)
}

type lister[L any] interface {
	List(ctx context.Context, options meta.ListOptions) (L, error)
}

func get[T any](ctx context.Context, from getter[T], kind, namespace, name string) (*T, error) {
	found, err := from.Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, Fault("read "+Ref{Kind: kind, Namespace: namespace, Name: name}.String(), err)
	}
	return found, nil
}

func list[L any](ctx context.Context, from lister[L], kinds, namespace, selector string) (L, error) {
	found, err := from.List(ctx, meta.ListOptions{LabelSelector: selector})
	if err == nil {
		return found, nil
	}
	doing := "list the " + kinds + " of all namespaces"
	if namespace != "" {
		doing = "list the " + kinds + " in namespace " + namespace
	}
	return found, Fault(doing, err)
}
