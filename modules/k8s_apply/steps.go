// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// writer is what the steps change the cluster with.
type writer interface {
	Apply(context.Context, *unstructured.Unstructured, kube.Applying) (*unstructured.Unstructured, error)
	Delete(context.Context, kube.Ref) error
	Forget()
}

// do is what a step does.
type do = func(context.Context, writer) error

func (c *client) apply(spec Spec, manifest *unstructured.Unstructured) do {
	return func(ctx context.Context, w writer) error {
		object, err := w.Apply(ctx, manifest, spec.applying())
		if err != nil {
			return kube.Redacted(manifest.Object, err)
		}
		if object.GetKind() != "CustomResourceDefinition" {
			return nil
		}
		// Objects of the new kind follow: the API server serves it a moment later.
		defer w.Forget()
		return c.until(ctx, []kube.Ref{kube.RefOf(object)}, rolledOut)
	}
}

func remove(ref kube.Ref) do {
	return func(ctx context.Context, w writer) error { return w.Delete(ctx, ref) }
}

func (c *client) awaitGone(spec Spec, refs []kube.Ref) do {
	return func(ctx context.Context, _ writer) error {
		ctx, cancel := context.WithTimeout(ctx, spec.WaitTimeout)
		defer cancel()
		return c.until(ctx, refs, gone)
	}
}

// awaitReady places the manifests again: by now the API server knows the kinds
// that this run has made.
func (c *client) awaitReady(spec Spec) do {
	return func(ctx context.Context, _ writer) error {
		ctx, cancel := context.WithTimeout(ctx, spec.WaitTimeout)
		defer cancel()
		objects, err := c.place(ctx, spec)
		if err != nil {
			return err
		}
		refs, held := []kube.Ref{}, map[kube.Ref]bool{}
		for _, object := range objects {
			refs, held[object.Ref] = append(refs, object.Ref), rollout.Holds(object.Manifest)
		}
		return c.until(ctx, refs, ready(held, c.watch()))
	}
}
