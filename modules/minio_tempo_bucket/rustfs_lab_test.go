// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/minio/madmin-go/v3"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// rustfs stands in for RustFS, the server that answers the same admin calls but
// is not MinIO: it takes a quarter of an hour to compile. "make stores" runs on the
// real one, where LAB_S3 names it. The lab's MinIO does the work behind it. What
// differs on the wire is taken from RustFS' source (rustfs 20d1266:
// rustfs/src/admin/handlers user.rs, policies.rs, iam_error.rs;
// crates/madmin/src/policy.rs):
//
//   - no Server header, and every error of an admin call is XML with an S3 code
//   - a user that does not exist is NoSuchResource, a policy InternalError
//   - a policy is returned within an object that names it
//   - a lifecycle rule may remove uploads that were never finished
//
// It is strict: an admin call that RustFS does not have, or a rule that S3 does
// not allow, fails the test.
type rustfs struct {
	t      *testing.T
	target string
	// alpha is a release of 2025, which answers InternalError for a user too and
	// has only the old call for a user's policies (rustfs issue 567).
	alpha bool

	mu    sync.Mutex
	rules []byte
}

const adminPath = "/minio/admin/v3/"

// rustfsCalls are the admin calls of RustFS that this collection may make.
var rustfsCalls = map[string]bool{
	"GET user-info": true, "GET list-users": true, "PUT add-user": true, "PUT set-user-status": true, "DELETE remove-user": true,
	"GET info-canned-policy": true, "GET list-canned-policies": true, "PUT add-canned-policy": true, "DELETE remove-canned-policy": true,
	"PUT set-user-or-group-policy": true, "POST idp/builtin/policy/attach": true, "POST idp/builtin/policy/detach": true,
	"GET get-bucket-quota": true, "PUT set-bucket-quota": true,
}

func (f *rustfs) answer(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case strings.HasPrefix(r.URL.Path, adminPath):
		f.admin(w, r, strings.TrimPrefix(r.URL.Path, adminPath))
	case r.URL.Query().Has("lifecycle"):
		f.lifecycle(w, r)
	default:
		status, header, body := f.pass(r)
		reply(w, status, header, body)
	}
	return true
}

// pass lets MinIO do the work, and removes its name from the answer.
func (f *rustfs) pass(r *http.Request) (status int, header http.Header, body []byte) {
	again := r.Clone(r.Context())
	again.RequestURI, again.URL.Scheme, again.URL.Host = "", "http", strings.TrimPrefix(f.target, "http://")
	again.Header.Del("Accept-Encoding") // an answer has to be read here
	answer, err := http.DefaultTransport.RoundTrip(again)
	if err != nil {
		f.t.Errorf("pass %s on: %v", r.URL.Path, err)
		return http.StatusBadGateway, http.Header{}, nil
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		f.t.Errorf("read the answer to %s: %v", r.URL.Path, err)
	}
	answer.Header.Del("Server")
	return answer.StatusCode, answer.Header, body
}

func reply(w http.ResponseWriter, status int, header http.Header, body []byte) {
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	text := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
	reply(w, status, http.Header{"Content-Type": {"application/xml"}}, []byte(text))
}

func (f *rustfs) admin(w http.ResponseWriter, r *http.Request, call string) {
	if !rustfsCalls[r.Method+" "+call] {
		f.t.Errorf("RustFS has no admin call %s %s", r.Method, call)
	}
	if f.alpha && strings.HasPrefix(call, "idp/") {
		refuse(w, http.StatusNotImplemented, "NotImplemented", "Unknown operation")
		return
	}
	status, header, body := f.pass(r)
	switch {
	case status >= http.StatusBadRequest:
		f.translate(w, body)
	case call == "info-canned-policy":
		header.Del("Content-Length")
		reply(w, status, header, []byte(fmt.Sprintf(`{"policy_name":%q,"policy":%s,"create_date":null}`, r.URL.Query().Get("name"), body)))
	default:
		reply(w, status, header, body)
	}
}

// translate puts an error of MinIO into RustFS' words.
func (f *rustfs) translate(w http.ResponseWriter, body []byte) {
	var refusal struct{ Code string }
	if err := json.Unmarshal(body, &refusal); err != nil {
		f.t.Errorf("MinIO's error is not JSON: %s", body)
	}
	switch {
	case refusal.Code == "XMinioAdminNoSuchUser" && !f.alpha:
		refuse(w, http.StatusNotFound, "NoSuchResource", "user does not exist")
	case refusal.Code == "XMinioAdminNoSuchUser", refusal.Code == "XMinioAdminNoSuchPolicy":
		refuse(w, http.StatusInternalServerError, "InternalError", "does not exist")
	default:
		refuse(w, http.StatusBadRequest, "InvalidArgument", refusal.Code)
	}
}

// lifecycle stores the rules of the test's bucket: MinIO refuses those that
// RustFS accepts.
func (f *rustfs) lifecycle(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch r.Method {
	case http.MethodPut:
		f.rules, _ = io.ReadAll(r.Body)
		if err := allowed(f.rules); err != nil {
			f.t.Errorf("S3 does not allow %s: %v", f.rules, err)
		}
	case http.MethodDelete:
		f.rules = nil
		w.WriteHeader(http.StatusNoContent)
	default:
		if f.rules == nil {
			refuse(w, http.StatusNotFound, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
			return
		}
		_, _ = w.Write(f.rules)
	}
}

// rules are a lifecycle configuration as the S3 API has it.
type rules struct {
	Rule []struct {
		ID, Status string
		Filter     *struct{}
		Abort      *struct{ DaysAfterInitiation int } `xml:"AbortIncompleteMultipartUpload"`
		Expiration *struct{ Days int }
	}
}

// allowed checks rules as the S3 API does (PutBucketLifecycleConfiguration).
func allowed(text []byte) error {
	var found rules
	if err := xml.Unmarshal(text, &found); err != nil {
		return err
	}
	for _, rule := range found.Rule {
		switch {
		case rule.ID == "", rule.Status != "Enabled" && rule.Status != "Disabled", rule.Filter == nil:
			return fmt.Errorf("rule %q lacks name, status or filter", rule.ID)
		case rule.Abort == nil && rule.Expiration == nil:
			return fmt.Errorf("rule %q does nothing", rule.ID)
		case rule.Abort != nil && rule.Abort.DaysAfterInitiation < 1, rule.Expiration != nil && rule.Expiration.Days < 1:
			return fmt.Errorf("rule %q counts no days", rule.ID)
		}
	}
	return nil
}

func TestLabServerThatIsNotMinIO(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		alpha  bool
	}{
		"of today": {"attaches and detaches like MinIO", false},
		"of 2025":  {"knows only the call that replaces a user's policies", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			store := &rustfs{t: t, target: testkit.Env(t, "LAB_MINIO_URL"), alpha: test.alpha}
			l.proxy.Disturb(store.answer)
			requests := l.fourRuns(l.task(map[string]any{"quota": "1GiB", "expire_days": 9}))
			require.LessOrEqual(t, len(requests), budget, "%v", requests)
			require.NoError(t, l.write("tenant/block"), test.reason)
			var kept rules
			require.NoError(t, xml.Unmarshal(store.rules, &kept))
			require.Len(t, kept.Rule, 2)
			require.Equal(t, 1, kept.Rule[0].Abort.DaysAfterInitiation, "such a store does not clean up by itself")
			require.Equal(t, 9, kept.Rule[1].Expiration.Days)

			require.NoError(t, l.admin.SetUser(t.Context(), l.user, "another-key-0815", madmin.AccountEnabled))
			require.NoError(t, l.admin.AddCannedPolicy(t.Context(), l.user, []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::`+l.bucket+`/*"]}]}`)))
			before, _ := testkit.Diff(t, testkit.Changed(t, l.checked(l.task(nil))))
			require.Equal(t, []string{"policy/" + l.user, "user/" + l.user + "/secret_key"}, keys(t, before))
			applied := testkit.Changed(t, l.task(nil).Apply(t))
			require.NotContains(t, applied, "warnings")
			require.Equal(t, true, applied["verified"])
			l.fourRuns(l.task(map[string]any{"state": "absent", "remove_bucket": true, "force_remove_bucket": true}))
		})
	}
}
