// SPDX-License-Identifier: AGPL-3.0-or-later

package rollout

import (
	"net/http"
	"net/http/httptest"
	"path"
	"testing"

	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/kube"
)

// hanging is a pod of the StatefulSet db that keeps crashing.
func hanging(name, revision string) core.Pod {
	return core.Pod{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{apps.ControllerRevisionHashLabelKey: revision}},
		Status: core.PodStatus{ContainerStatuses: []core.ContainerStatus{{Name: "db", RestartCount: 5,
			State: core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}}}}}
}

// A pod below the partition would be recreated with the same revision, and
// deleted again and again.
func TestDeleteBlockingPodsRespectsPartition(t *testing.T) {
	cases := map[string]struct {
		reason           string
		partition, first int32
		want             []string
	}{
		"no partition": {"every old pod blocks the rollout", 0, 0, []string{"db-0", "db-1", "db-2"}},
		"partition":    {"only pods from the partition on", 2, 0, []string{"db-2"}},
		"from one on":  {"ordinals can start later", 1, 1, []string{"db-2"}},
		"beyond them":  {"none is replaced", 9, 0, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var deleted []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					deleted = append(deleted, path.Base(r.URL.Path))
				}
				write(w, http.StatusOK, core.PodList{TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "PodList"},
					Items: []core.Pod{hanging("db-0", "old"), hanging("db-1", "old"), hanging("db-2", "old"), hanging("db-3", "new")}})
			}))
			defer server.Close()
			clients, err := kube.NewClients(&rest.Config{Host: server.URL})
			require.NoError(t, err)
			set := apps.StatefulSet{Spec: apps.StatefulSetSpec{Ordinals: &apps.StatefulSetOrdinals{Start: test.first},
				UpdateStrategy: apps.StatefulSetUpdateStrategy{RollingUpdate: &apps.RollingUpdateStatefulSetStrategy{Partition: &test.partition}}},
				Status: apps.StatefulSetStatus{UpdateRevision: "new"}}
			require.NoError(t, In(clients).DeleteBlockingPods(t.Context(), "shop", FromStatefulSet(set)))
			require.Equal(t, test.want, deleted, test.reason)
		})
	}
}
