// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestAnswersThatAreNotKubernetes(t *testing.T) {
	for name, test := range map[string]struct {
		reason     string
		status     int
		kind, text string
		want       string
	}{
		"a page":         {"a login page answers in its place", 200, "text/html; charset=utf-8", "<html>", "read it: the answer is an HTML page, which is not Kubernetes'"},
		"a list":         {"another program answers", 200, "application/json", `["a"]`, "read it: the answer is JSON but no object, which is not Kubernetes'"},
		"a string":       {"another program answers", 201, "application/json", `"ok"`, "read it: the answer is JSON but no object, which is not Kubernetes'"},
		"an object":      {"this is from Kubernetes", 200, "application/json", `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}}`, ""},
		"a failure":      {"the status says more than the content type", 502, "text/html", "<html>", "read it: an error on the server (\"<html>\") has prevented the request from succeeding (get secrets a)"},
		"an inner fault": {"the hint says what to do", 500, "text/plain", "broke", "read it: an error on the server (\"broke\") has prevented the request from succeeding (get secrets a)"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.kind)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.text)
			}))
			defer server.Close()
			config := &rest.Config{Host: server.URL, QPS: -1}
			checkAnswers(config)
			clients, err := NewClients(config)
			require.NoError(t, err)
			found, err := clients.Core.Secrets("x").Get(t.Context(), "a", meta.GetOptions{})
			if test.want == "" {
				require.NoError(t, err, test.reason)
				require.Equal(t, "a", found.Name)
				return
			}
			err = Fault("read it", err)
			require.Contains(t, err.Error(), test.want[len("read it: "):], test.reason)
			require.NotContains(t, err.Error(), "serializer")
			require.NotEmpty(t, fault.HintOf(err), test.reason)
			require.NotEqual(t, fault.Internal, fault.KindOf(err))
		})
	}
}
