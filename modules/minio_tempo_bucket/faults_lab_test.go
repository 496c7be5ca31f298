// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package bucket

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	s3 "github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// down ends connections without an answer, like a stopped server, from the
// first request on whose path has that suffix.
func down(path string, on *atomic.Bool) testkit.Disturb {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, path) {
			on.Store(true)
		}
		if on.Load() {
			panic(http.ErrAbortHandler)
		}
		return false
	}
}

func TestLabServerStopsBetweenUserAndPolicy(t *testing.T) {
	l := newLab(t)
	var stopped atomic.Bool
	l.proxy.Disturb(down("/add-canned-policy", &stopped))
	result := l.task(map[string]any{"timeout": "2s"}).Apply(t)
	require.Contains(t, testkit.Failed(t, result), "unreachable: write policy "+l.user+": ")
	require.Equal(t, "apply", result["step"])
	require.Equal(t, true, result["changed"])
	require.Equal(t, []any{"create bucket/" + l.bucket, "create user/" + l.user}, result["done"])

	l.proxy.Disturb(nil)
	testkit.Changed(t, l.task(nil).Apply(t))
	testkit.Unchanged(t, l.task(nil).Apply(t))
	require.NoError(t, l.write("tenant/block"))
}

func TestLabServerComesBack(t *testing.T) {
	l := newLab(t)
	var stopped atomic.Bool
	l.proxy.Disturb(down("/add-canned-policy", &stopped))
	timer := time.AfterFunc(3*time.Second, func() { l.proxy.Disturb(nil) })
	defer timer.Stop()
	testkit.Changed(t, l.task(nil).Apply(t))
	require.True(t, stopped.Load())
	require.NoError(t, l.write("tenant/block"))
}

func TestLabUnavailableForFiveSeconds(t *testing.T) {
	l := newLab(t)
	until := time.Now().Add(5 * time.Second)
	l.proxy.Disturb(func(w http.ResponseWriter, _ *http.Request) bool {
		if time.Now().After(until) {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	testkit.Changed(t, l.task(nil).Apply(t))
	testkit.Unchanged(t, l.task(nil).Apply(t))
}

// Every request is carried out, and its answer breaks off in the middle the
// first time: each change must be repeatable.
func TestLabEveryAnswerIsTruncatedOnce(t *testing.T) {
	l := newLab(t)
	task := l.task(map[string]any{"versioning": "on", "quota": "1GiB", "tags": map[string]any{"a": "b"}, "expire_days": 9, "verify": false})
	l.proxy.Disturb(l.brokenOnce())
	testkit.Changed(t, task.Apply(t))
	l.proxy.Disturb(l.brokenOnce())
	testkit.Unchanged(t, task.Apply(t))
	require.NoError(t, l.write("tenant/block"))
	l.proxy.Disturb(l.brokenOnce())
	testkit.Changed(t, l.task(map[string]any{"state": "absent", "remove_bucket": true, "force_remove_bucket": true}).Apply(t))
	exists, err := l.store.BucketExists(t.Context(), l.bucket)
	require.NoError(t, err)
	require.False(t, exists)
}

// brokenOnce passes each request on to the server, and breaks the connection
// instead of answering whenever the request before it was let through.
func (l *lab) brokenOnce() testkit.Disturb {
	target, broke := testkit.Env(l.t, "LAB_MINIO_URL"), atomic.Bool{}
	return func(w http.ResponseWriter, r *http.Request) bool {
		if broke.CompareAndSwap(true, false) {
			return false
		}
		broke.Store(true)
		if err := pass(target, r); err != nil {
			l.t.Errorf("pass %s on: %v", r.URL.Path, err)
		}
		testkit.Reset(w)
		return true
	}
}

// pass sends a request to the server and discards the answer.
func pass(target string, r *http.Request) error {
	again, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.RequestURI(), r.Body)
	if err != nil {
		return err
	}
	again.Header, again.Host, again.ContentLength = r.Header.Clone(), r.Host, r.ContentLength
	answer, err := http.DefaultTransport.RoundTrip(again)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func TestLabObjectLockIsPermanent(t *testing.T) {
	l := newLab(t)
	require.NoError(t, l.store.MakeBucket(t.Context(), l.bucket, s3.MakeBucketOptions{}))
	result := l.task(map[string]any{"object_lock": true}).Apply(t)
	require.Contains(t, testkit.Failed(t, result), "unsupported: bucket "+l.bucket+" exists, and its object lock is false, not true")
	require.Equal(t, false, result["changed"])
}

func TestLabWrongLogin(t *testing.T) {
	l := newLab(t)
	require.Contains(t, testkit.Failed(t, l.task(map[string]any{"access_key": "nobody"}).Check(t)), "denied: read bucket "+l.bucket)
	require.Contains(t, testkit.Failed(t, l.task(map[string]any{"secret_key": testkit.Secret()}).Check(t)), "(SignatureDoesNotMatch)")
	require.NoError(t, l.admin.AddUser(t.Context(), l.user, l.key))
	result := l.task(map[string]any{"access_key": l.user, "secret_key": l.key, "user": "someone"}).Check(t)
	require.Contains(t, testkit.Failed(t, result), "denied: read bucket "+l.bucket+": Access Denied. (AccessDenied)")
	require.Contains(t, result["hint"], "root user")
}
