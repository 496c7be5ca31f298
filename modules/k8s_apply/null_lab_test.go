// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package manifest_test

import (
	"testing"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// A volume claim without a class gets the cluster's default on creation. A null is
// no wish to clear it again, which the API server would refuse.
func TestNullFields(t *testing.T) {
	lab := newLab(t)
	testkit.FourRuns(t, lab.task(`
{apiVersion: v1, kind: Namespace, metadata: {name: NAMESPACE, labels: null}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, creationTimestamp: null}
spec: {storageClassName: null, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`, map[string]any{"wait": false}))
}
