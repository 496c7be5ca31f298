// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"encoding/json"
	"fmt"
	"strings"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

// WarnVolumes says which volumes stay as they are: a StatefulSet reuses the claims
// of its pods by their names, and Kubernetes changes none of them
// (kubernetes/kubernetes issue 68737).
func WarnVolumes(p *plan.Plan, claims []core.PersistentVolumeClaim, objects []helm.Object) {
	if len(claims) == 0 {
		return
	}
	for _, set := range statefulSets(objects) {
		for _, wanted := range set.Spec.VolumeClaimTemplates {
			found := claimsOf(claims, wanted.Name+"-"+set.Name+"-")
			warnSize(p, found, wanted)
			warnClass(p, found, wanted)
		}
	}
}

func statefulSets(objects []helm.Object) (all []apps.StatefulSet) {
	for _, object := range objects {
		var set apps.StatefulSet
		data, err := json.Marshal(object.Content)
		if object.Kind == "StatefulSet" && err == nil && json.Unmarshal(data, &set) == nil {
			all = append(all, set)
		}
	}
	return all
}

// claimsOf are the claims whose names are the prefix and a number.
func claimsOf(claims []core.PersistentVolumeClaim, prefix string) (found []core.PersistentVolumeClaim) {
	for _, claim := range claims {
		number, ok := strings.CutPrefix(claim.Name, prefix)
		if ok && number != "" && strings.Trim(number, "0123456789") == "" {
			found = append(found, claim)
		}
	}
	return found
}

// requested is the size that a claim asks for.
func requested(claim core.PersistentVolumeClaim) resource.Quantity {
	return claim.Spec.Resources.Requests[core.ResourceStorage]
}

func warnSize(p *plan.Plan, claims []core.PersistentVolumeClaim, wanted core.PersistentVolumeClaim) {
	size := requested(wanted)
	var small, commands, large []string
	for _, claim := range claims {
		has := requested(claim)
		switch shown := fmt.Sprintf("%s (%s)", claim.Name, has.String()); has.Cmp(size) {
		case -1:
			small = append(small, shown)
			commands = append(commands, grow(claim, size))
		case 1:
			large = append(large, shown)
		}
	}
	if len(small) > 0 {
		p.Warn("these volumes already exist and keep their size, although %s is wanted: %s. Where the storage class allows expansion (see kubectl get storageclass; k3s' local-path does not), make them larger with: %s",
			size.String(), strings.Join(small, ", "), strings.Join(commands, " && "))
	}
	if len(large) > 0 {
		p.Warn("these volumes already exist and keep their size, although %s is wanted: %s. Kubernetes makes no volume smaller", size.String(), strings.Join(large, ", "))
	}
}

// grow is the command that expands a claim.
func grow(claim core.PersistentVolumeClaim, size resource.Quantity) string {
	return fmt.Sprintf(`kubectl patch pvc %s -n %s -p '{"spec":{"resources":{"requests":{"storage":"%s"}}}}'`, claim.Name, claim.Namespace, size.String())
}

func warnClass(p *plan.Plan, claims []core.PersistentVolumeClaim, wanted core.PersistentVolumeClaim) {
	class := wanted.Spec.StorageClassName
	if class == nil || *class == "" {
		return
	}
	var others []string
	for _, claim := range claims {
		if has := claim.Spec.StorageClassName; has != nil && *has != *class {
			others = append(others, fmt.Sprintf("%s (%s)", claim.Name, *has))
		}
	}
	if len(others) > 0 {
		p.Warn("these volumes already exist and keep their storage class, although %s is wanted: %s. Only a new volume gets it: one by one, delete the claim and its pod when Tempo has stored its spans",
			*class, strings.Join(others, ", "))
	}
}
