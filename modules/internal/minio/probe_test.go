// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

const (
	uploadBegun = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
	uploadEnded = `<CompleteMultipartUploadResult><Bucket>traces</Bucket><ETag>"1"</ETag></CompleteMultipartUploadResult>`
	loginPage   = "<!doctype html><html><body><form>Log in</form></body></html>"
	gone        = "<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>"
)

// storing is a store that takes objects, but for one kind of request, which it
// answers so many times like this.
type storing struct {
	request, answer string
	code            int
	times           int32
	seen            atomic.Int32
}

func (s *storing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, answers := r.Method, map[string]string{"POST uploads": uploadBegun, "POST uploadId": uploadEnded}
	for _, parameter := range []string{"uploads", "uploadId"} {
		if r.URL.Query().Has(parameter) {
			kind += " " + parameter
		}
	}
	if kind == s.request && s.seen.Add(1) <= s.times {
		w.Header().Set("Content-Type", map[bool]string{true: "text/html; charset=utf-8", false: "application/xml"}[s.answer == loginPage])
		w.WriteHeader(s.code)
		_, _ = fmt.Fprint(w, s.answer)
		return
	}
	w.Header().Set("ETag", `"1"`)
	_, _ = fmt.Fprint(w, answers[kind])
}

// A page in the place of an answer is named, and an upload whose end is unknown is
// made again.
func TestTrialsThatAreNotAnswered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason string
		store  *storing
		do     func(prober, context.Context) error
		fault  string
	}{
		"an object":            {"the store takes it", &storing{}, prober.put, ""},
		"an object, page":      {"an object that was taken has a name", &storing{request: "PUT", answer: loginPage, code: 200, times: 9}, prober.put, "try: the answer is not the store's"},
		"a copy, page":         {"it has no element of the answer", &storing{request: "PUT", answer: loginPage, code: 200, times: 9}, prober.copy, "try: the answer is not the store's"},
		"a list, page":         {"it is not an empty list", &storing{request: "GET", answer: loginPage, code: 200, times: 9}, prober.list, "try: the answer is not the store's"},
		"an upload":            {"the store takes it", &storing{}, prober.upload, ""},
		"its begin, page":      {"an upload has an ID", &storing{request: "POST uploads", answer: loginPage, code: 200, times: 9}, prober.upload, "try: the answer is not the store's"},
		"its part, page":       {"a part that was taken has a name", &storing{request: "PUT uploadId", answer: loginPage, code: 200, times: 9}, prober.upload, "try: the answer is not the store's"},
		"its end, lost":        {"it was repeated, and is over", &storing{request: "POST uploadId", answer: gone, code: 404, times: 1}, prober.upload, ""},
		"its end, lost always": {"something removes uploads", &storing{request: "POST uploadId", answer: gone, code: 404, times: 9}, prober.upload, "try: gone (NoSuchUpload)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := httptest.NewServer(test.store)
			t.Cleanup(store.Close)
			server, err := Open(Access{Endpoint: store.URL, AccessKey: "admin", SecretKey: secret.NewText("admin-secret"), Region: "us-east-1"})
			require.NoError(t, err)
			client, err := server.as("tempo", secret.NewText("tempo-secret"))
			require.NoError(t, err)
			err = Failed("try", test.do(prober{client, "traces", "probe"}, t.Context()))
			if test.fault == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fault, test.reason)
			require.NotEmpty(t, fault.HintOf(err), test.reason)
		})
	}
}
