// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/helmjob"
	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/rollout"
)

// The Helm controller briefly suspends its own Job in order to replace it: a
// running Job that is suspended at the next look has not ended.
func TestReplacedJobIsAwaited(t *testing.T) {
	stopped := true
	job := batch.Job{
		TypeMeta:   meta.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: meta.ObjectMeta{Namespace: "kube-system", Name: "helm-install-traefik"},
		Spec:       batch.JobSpec{Suspend: &stopped},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(job)
	}))
	t.Cleanup(server.Close)
	clients, err := kube.NewClients(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	r := &rolloutWait{client: &client{reader: reader{cluster: clients.Reader()}}, looking: rollout.In(clients).Watch()}
	text, err := r.obstacle(t.Context(), progress{job: helmjob.Job{Name: "helm-install-traefik", State: helmjob.Active}})
	require.NoError(t, err)
	require.Empty(t, text)
}
