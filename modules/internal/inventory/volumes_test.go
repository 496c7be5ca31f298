// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
)

func claim(name, size, class string) core.PersistentVolumeClaim {
	made := core.PersistentVolumeClaim{ObjectMeta: meta.ObjectMeta{Name: name, Namespace: "tracing"}}
	made.Spec.Resources.Requests = core.ResourceList{core.ResourceStorage: resource.MustParse(size)}
	if class != "" {
		made.Spec.StorageClassName = &class
	}
	return made
}

const twoGi = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: tempo-ingester}
spec:
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {storageClassName: %q, resources: {requests: {storage: 2Gi}}}
`

// A recreated StatefulSet reuses the old volumes; nothing in the release shows
// that they are smaller than the option says.
func TestVolumes(t *testing.T) {
	cases := map[string]struct {
		reason string
		class  string
		claims []core.PersistentVolumeClaim
		want   []string
	}{
		"none":        {"a first install", "", nil, nil},
		"same size":   {"no warning", "", []core.PersistentVolumeClaim{claim("data-tempo-ingester-0", "2048Mi", "")}, nil},
		"another set": {"it belongs to another StatefulSet", "", []core.PersistentVolumeClaim{claim("data-tempo-ingester-zone-0", "1Gi", ""), claim("other-tempo-ingester-0", "1Gi", "")}, nil},
		"smaller": {"the warning has the commands to paste", "", []core.PersistentVolumeClaim{claim("data-tempo-ingester-0", "1Gi", ""), claim("data-tempo-ingester-11", "1Gi", "")}, []string{
			"keep their size, although 2Gi is wanted: data-tempo-ingester-0 (1Gi), data-tempo-ingester-11 (1Gi)",
			`kubectl patch pvc data-tempo-ingester-0 -n tracing -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'`,
			`&& kubectl patch pvc data-tempo-ingester-11 -n tracing`, "Where the storage class allows expansion"}},
		"larger":        {"volumes cannot shrink", "", []core.PersistentVolumeClaim{claim("data-tempo-ingester-0", "5Gi", "")}, []string{"data-tempo-ingester-0 (5Gi)", "makes no volume smaller"}},
		"another class": {"volumes cannot change their class", "fast", []core.PersistentVolumeClaim{claim("data-tempo-ingester-0", "2Gi", "local-path")}, []string{"keep their storage class, although fast is wanted: data-tempo-ingester-0 (local-path)"}},
		"same class":    {"no warning", "fast", []core.PersistentVolumeClaim{claim("data-tempo-ingester-0", "2Gi", "fast")}, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			manifest := fmt.Sprintf(twoGi, test.class)
			objects, err := helm.Objects(manifest, "tracing")
			require.NoError(t, err)
			var p plan.Plan
			WarnVolumes(&p, test.claims, objects)
			require.Equal(t, len(test.want) > 0, len(p.Warnings) == 1, test.reason)
			for _, part := range test.want {
				require.Contains(t, p.Warnings[0], part, test.reason)
			}
		})
	}
}
