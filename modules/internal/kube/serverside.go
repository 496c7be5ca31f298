// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// Applying says how a manifest is applied server-side.
type Applying struct {
	// Manager is the field manager, which the API server records as owner.
	Manager string
	// Force takes over fields that other managers own.
	Force bool
	// From are the managers whose fields are taken over without Force, as patterns of
	// path.Match such as "kubectl-*". None is if another manager's field conflicts too.
	From []string
}

// ErrNoKind is the cause when the API server does not know an object's kind.
var ErrNoKind = errors.New("the API server has no such kind")

// Apply sends a manifest and returns the resulting object. The API server
// refuses fields that the kind does not have.
func (o *Objects) Apply(ctx context.Context, manifest *unstructured.Unstructured, how Applying) (*unstructured.Unstructured, error) {
	return o.apply(ctx, manifest, how, nil)
}

func (o *Objects) apply(ctx context.Context, manifest *unstructured.Unstructured, how Applying, dryRun []string) (*unstructured.Unstructured, error) {
	ref := RefOf(manifest)
	doing := "apply " + ref.String()
	kind, known, err := o.Kind(ctx, ref)
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, fault.Wrap(fault.NotFound, "install what brings "+ref.APIVersion+" "+ref.Kind+", or use an apiVersion that the cluster has", doing, ErrNoKind)
	}
	data, err := json.Marshal(manifest)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "", doing, err)
	}
	send := func() (*unstructured.Unstructured, error) {
		return o.at(ref, kind).Patch(ctx, ref.Name, types.ApplyPatchType, data, how.options(dryRun))
	}
	object, err := send()
	if how.mayTake(err) {
		how.Force = true
		object, err = send()
	}
	return object, applyFault(doing, err)
}

func (a Applying) options(dryRun []string) meta.PatchOptions {
	return meta.PatchOptions{FieldManager: a.Manager, Force: &a.Force, FieldValidation: meta.FieldValidationStrict, DryRun: dryRun}
}

// owner matches the manager in the API server's conflict message (apimachinery,
// pkg/util/managedfields/internal/conflict.go).
var owner = lazyregexp.Regexp{Expr: `^conflict with "([^"]*)"`}

// mayTake reports whether all conflicting fields belong to managers that may be
// taken over.
func (a Applying) mayTake(err error) bool {
	causes := conflicts(err)
	return len(causes) > 0 && !slices.ContainsFunc(causes, func(cause meta.StatusCause) bool {
		found := owner.Get().FindStringSubmatch(cause.Message)
		return found == nil || !slices.ContainsFunc(a.From, func(pattern string) bool {
			fits, _ := path.Match(pattern, found[1])
			return fits
		})
	})
}

// applyFault adds the hints that are specific to apply.
func applyFault(doing string, err error) error {
	switch {
	case noNamespace(err):
		return fault.Wrap(fault.NotFound, "create the namespace first, or put its manifest among the others", doing, err)
	case apierrors.IsConflict(err):
		return fault.Wrap(fault.Conflict, "leave the field out, or take it over with force_conflicts: true", doing, conflict(err))
	case apierrors.IsInvalid(err) && strings.Contains(err.Error(), validation.FieldImmutableErrorMsg):
		// The API server gives this cause no code of its own.
		return fault.Wrap(fault.Rejected, "that field cannot change in place: remove the object with state: absent first", doing, err)
	case err != nil && strings.Contains(err.Error(), "failed to create typed patch object"):
		return mistyped(doing, err)
	}
	return Fault(doing, err)
}

// noNamespace reports whether the namespace does not exist.
func noNamespace(err error) bool {
	var status apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &status) && status.Status().Details != nil && status.Status().Details.Kind == "namespaces"
}

// conflicts are the fields that somebody else owns.
func conflicts(err error) []meta.StatusCause {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(status.Status().Details.Causes), func(cause meta.StatusCause) bool {
		return cause.Type != meta.CauseTypeFieldManagerConflict
	})
}

// conflict says in one line who owns which field.
func conflict(err error) error {
	var fields []string
	for _, cause := range conflicts(err) {
		fields = append(fields, fmt.Sprintf("%s (%s)", cause.Field, cause.Message))
	}
	if len(fields) == 0 {
		return err
	}
	return &reworded{"others own " + strings.Join(fields, ", "), err}
}

// Delete deletes an object with its dependents. One that is already gone is no
// error.
func (o *Objects) Delete(ctx context.Context, ref Ref) error {
	kind, known, err := o.Kind(ctx, ref)
	if err != nil || !known {
		return err
	}
	below := meta.DeletePropagationForeground
	err = o.at(ref, kind).Delete(ctx, ref.Name, meta.DeleteOptions{PropagationPolicy: &below})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return Fault("delete "+ref.String(), err)
}

// Refused reports whether err is the API server's judgement of a manifest, not
// a failure to reach it.
func Refused(err error) bool {
	var status apierrors.APIStatus
	return errors.Is(err, ErrNoKind) || errors.As(err, &status)
}
