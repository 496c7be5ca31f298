// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	for name, test := range map[string]struct {
		reason string
		check  func(any) error
		value  string
		fault  string
	}{
		"bucket":                {"from the seed procedure", CheckBucket, "k3s-tempo", ""},
		"bucket in upper case":  {"the SDK's rule for new buckets", CheckBucket, "Tempo", "is not a valid bucket name: Bucket name contains invalid characters"},
		"bucket like an IP":     {"the SDK's rule", CheckBucket, "10.0.0.1", "is not a valid bucket name: Bucket name cannot be an ip address"},
		"bucket too short":      {"the SDK's rule", CheckBucket, "ab", "is not a valid bucket name: Bucket name cannot be shorter than 3 characters"},
		"bucket with blank":     {"the SDK's rule", CheckBucket, "a bucket", "is not a valid bucket name: Bucket name contains invalid characters"},
		"user":                  {"from the seed procedure", CheckUser, "tempo", ""},
		"user too short":        {"MinIO's rule for access keys", CheckUser, "ab", "must have at least 3 characters"},
		"user with comma":       {"MinIO joins names with commas", CheckUser, "a,bc", "must not contain '=' or ','"},
		"user with blank":       {"MinIO's rule", CheckUser, " tempo", "must not begin or end with a space"},
		"key":                   {"eight characters are enough", CheckKey, "12345678", ""},
		"key too short":         {"MinIO's rule", CheckKey, "1234567", "must have at least 8 characters"},
		"policy":                {"from the seed procedure", CheckPolicyName, "tempo", ""},
		"policy with comma":     {"MinIO's rule", CheckPolicyName, "a,b", "must not contain ','"},
		"policy without a name": {"an undefined variable yields an empty string", CheckPolicyName, "", "must not be empty"},
		"policy with blank":     {"MinIO's rule", CheckPolicyName, "tempo ", "must not begin or end with a space"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.check(test.value)
			if test.fault == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fault, test.reason)
		})
	}
}
