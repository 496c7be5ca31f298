// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Spec is what is wanted: the options, and the manifests that they name.
type Spec struct {
	Args
	// Manifests are in the order in which they are applied. They are read once: a
	// file that changes meanwhile must not make plan and steps differ.
	Manifests []manifest
}

// Spec reads the manifests.
func (Module) Spec(args Args) (Spec, error) {
	manifests, err := read(args)
	if err != nil {
		return Spec{}, err
	}
	return Spec{Args: args, Manifests: manifests}, validatePrune(manifests, args.Prune)
}

// Timeout bounds the whole run: what waiting may take, and the calls beside it.
func (s Spec) Timeout() time.Duration {
	if !s.Wait {
		return s.Limit
	}
	return s.WaitTimeout + s.Limit
}

func (s Spec) absent() bool { return s.State == "absent" }

// applying is how the manifests are sent.
func (s Spec) applying() kube.Applying {
	return kube.Applying{Manager: s.FieldManager, Force: s.ForceConflicts, From: s.TakeOver}
}

// validatePrune refuses manifests that pruning would not find again.
func validatePrune(manifests []manifest, prune string) error {
	if prune == "" {
		return nil
	}
	selector, err := labels.Parse(prune)
	if err != nil {
		return fault.Wrap(fault.Usage, "", "read prune", err)
	}
	for _, one := range manifests {
		if !selector.Matches(labels.Set(one.object.GetLabels())) {
			return fault.New(fault.Usage, "give every manifest the labels that prune selects: an object without them would stay behind",
				"manifest %s in %s does not match prune %q", kube.RefOf(one.object), one.from, prune)
		}
	}
	return nil
}
