// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"errors"
	"testing"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestFailuresInsideTheStore(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		err    error
		want   string
		hint   string
	}{
		"an S3 call":     {"the store reports an internal error", s3.ErrorResponse{Code: "InternalError", Message: "We encountered an internal error"}, "read it: We encountered an internal error (InternalError)", "look at its log"},
		"a proxy's page": {"the status is used in place of the code", s3.ErrorResponse{Code: "500 Internal Server Error", Message: "broke"}, "read it: broke (500 Internal Server Error)", "look at its log"},
		"an admin call": {"the SDK's parse error is not helpful", madmin.ErrorResponse{Code: "502 Bad Gateway",
			Message: "Failed to parse server response (invalid character 's' looking for beginning of value): something broke"}, "read it: something broke (502 Bad Gateway)", "look at its log"},
		"a success":      {"a removal is answered with 204", s3.ErrorResponse{Code: "200 OK", Message: `["not", "what"]`}, "read it: the answer is not the store's", "check the endpoint"},
		"another answer": {"a refusal is not an internal error", s3.ErrorResponse{Code: "NoSuchUpload", Message: "gone"}, "read it: gone (NoSuchUpload)", ""},
		"no answer":      {"nothing is added", errors.New("broke"), "read it: broke", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := Failed("read it", test.err)
			require.EqualError(t, err, test.want, test.reason)
			require.Contains(t, fault.HintOf(err), test.hint)
			require.Equal(t, fault.Rejected, fault.KindOf(err))
		})
	}
}

// RustFS refuses a write while it counts what a bucket with a quota holds.
func TestStoreThatCannotAnswerYet(t *testing.T) {
	err := Failed("write it", s3.ErrorResponse{Code: "ServiceUnavailable", Message: "Bucket quota check temporarily unavailable, please retry"})
	require.EqualError(t, err, "write it: Bucket quota check temporarily unavailable, please retry (ServiceUnavailable)")
	require.Equal(t, fault.Unreachable, fault.KindOf(err))
	require.Contains(t, fault.HintOf(err), "run again later")
}

func TestThrottlingStore(t *testing.T) {
	cases := map[string]struct {
		reason string
		err    error
		want   string
	}{
		"the admin API": {"a proxy answers before MinIO", madmin.ErrorResponse{Code: "429 Too Many Requests", Message: "slow down"}, "read it: slow down (429 Too Many Requests)"},
		"an S3 call":    {"the same", s3.ErrorResponse{Code: "429 Too Many Requests", Message: "slow down"}, "read it: slow down (429 Too Many Requests)"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := Failed("read it", test.err)
			require.EqualError(t, err, test.want, test.reason)
			require.Equal(t, "the store, or a proxy in front of it, limits requests: run again later", fault.HintOf(err))
			require.Equal(t, fault.Unreachable, fault.KindOf(err))
		})
	}
}
