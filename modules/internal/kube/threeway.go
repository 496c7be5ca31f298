// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json" // whole numbers are int64, as in what the dynamic client reads
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Patch turns a live object into what a manifest says. An empty one changes
// nothing.
type Patch struct {
	Ref  Ref
	kind types.PatchType
	data []byte
}

// Empty reports whether the patch changes nothing.
func (p Patch) Empty() bool { return len(p.data) == 0 || bytes.Equal(p.data, []byte("{}")) }

// ThreeWay makes the patch from a live object to a manifest: fields that the
// manifest has are set, fields that only the previous manifest had are removed,
// and all others are left alone. That is how Helm upgrades (helm
// pkg/kube/client.go, createPatch).
func ThreeWay(before, manifest, live *unstructured.Unstructured) (Patch, error) {
	patch := Patch{Ref: RefOf(live)}
	doing := "compare " + patch.Ref.String() + " with the manifest"
	wanted, err := asWritten(manifest)
	if err != nil {
		return patch, fault.Wrap(fault.Rejected, "", doing, err)
	}
	old := wanted
	if before != manifest {
		if old, err = asWritten(before); err != nil {
			return patch, fault.Wrap(fault.Rejected, "", doing, err)
		}
	}
	current, err := canonical(live)
	if err != nil {
		return patch, fault.Wrap(fault.Internal, "", doing, err)
	}
	patch.kind, patch.data, err = threeWay(old, wanted, current, manifest)
	return patch, fault.During(doing, err)
}

func threeWay(old, wanted, current []byte, manifest *unstructured.Unstructured) (types.PatchType, []byte, error) {
	typed, err := scheme.Scheme.New(manifest.GroupVersionKind())
	if runtime.IsNotRegisteredError(err) {
		data, err := jsonmergepatch.CreateThreeWayJSONMergePatch(old, wanted, current)
		return types.MergePatchType, data, err
	}
	if err != nil {
		return "", nil, err
	}
	lookup, err := strategicpatch.NewPatchMetaFromStruct(typed)
	if err != nil {
		return "", nil, err
	}
	data, err := strategicpatch.CreateThreeWayMergePatch(old, wanted, current, lookup, true)
	if err == nil && (onlyRetains(data) || changesNothing(current, data, typed)) {
		data = nil
	}
	return types.StrategicMergePatchType, data, err
}

// onlyRetains recognises a patch that only says which keys of a union to retain, with
// no value for them: it removes what the API server then defaults again, such as
// strategy.type.
func onlyRetains(patch []byte) bool {
	var fields map[string]any
	return json.Unmarshal(patch, &fields) == nil && !hasValues(fields)
}

func hasValues(fields map[string]any) bool {
	for key, value := range fields {
		inner, ok := value.(map[string]any)
		if key != "$retainKeys" && (!ok || hasValues(inner)) {
			return true
		}
	}
	return false
}

// canonical is an object in JSON as the API server stores it, if its kind is
// known here, without its status.
func canonical(object *unstructured.Unstructured) ([]byte, error) {
	data, err := stored(object)
	if err != nil {
		return nil, err
	}
	var content map[string]any
	if err := json.Unmarshal(data, &content); err != nil {
		return nil, err
	}
	delete(content, "status")
	return json.Marshal(content)
}

// inProtobuf is implemented by every kind that comes with Kubernetes.
type inProtobuf interface {
	Marshal() ([]byte, error)
	Unmarshal(data []byte) error
}

// stored is an object in JSON after a round trip through its Go type and Protocol
// Buffers, in which the API server stores and sends it: "1000m" has become "1", null
// and empty lists are gone, and so are apiVersion and kind of an embedded object,
// such as a StatefulSet's volume claim template, that its JSON has. A kind that is
// not known here, which is stored as JSON, stays as it is.
func stored(object *unstructured.Unstructured) ([]byte, error) {
	data, err := json.Marshal(object.Object)
	if err != nil {
		return nil, err
	}
	typed, err := scheme.Scheme.New(object.GroupVersionKind())
	if runtime.IsNotRegisteredError(err) {
		return data, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, typed); err != nil {
		return nil, fmt.Errorf("it does not match its kind: %w", err)
	}
	return packed(typed, object.GroupVersionKind())
}

// packed is the JSON of an object after Protocol Buffers, which carry its
// apiVersion and kind separately.
func packed(typed runtime.Object, kind schema.GroupVersionKind) ([]byte, error) {
	source, ok := typed.(inProtobuf)
	if !ok {
		return json.Marshal(typed)
	}
	data, err := source.Marshal()
	if err != nil {
		return nil, err
	}
	made, err := scheme.Scheme.New(kind)
	if err != nil {
		return nil, err
	}
	if err := made.(inProtobuf).Unmarshal(data); err != nil {
		return nil, err
	}
	made.GetObjectKind().SetGroupVersionKind(kind)
	return json.Marshal(made)
}

// Patch sends a patch. With dryRun the API server stores nothing.
func (o *Objects) Patch(ctx context.Context, patch Patch, manager string, dryRun bool) (*unstructured.Unstructured, error) {
	doing := "patch " + patch.Ref.String()
	kind, known, err := o.Kind(ctx, patch.Ref)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, fault.Wrap(fault.NotFound, "", doing, ErrNoKind)
	}
	options := meta.PatchOptions{FieldManager: manager}
	if dryRun {
		options.DryRun = []string{meta.DryRunAll}
	}
	object, err := o.at(patch.Ref, kind).Patch(ctx, patch.Ref.Name, patch.kind, patch.data, options)
	return object, Fault(doing, err)
}

// Unstructured is a typed object as JSON-like maps; the API server leaves kind
// and apiVersion out of what it lists.
func Unstructured(object any, apiVersion, kind string) (*unstructured.Unstructured, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "", "encode a "+kind, err)
	}
	made := &unstructured.Unstructured{}
	if err := utiljson.Unmarshal(data, &made.Object); err != nil {
		return nil, fault.Wrap(fault.Internal, "", "encode a "+kind, err)
	}
	made.SetAPIVersion(apiVersion)
	made.SetKind(kind)
	return made, nil
}
