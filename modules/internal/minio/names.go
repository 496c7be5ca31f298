// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"fmt"
	"strings"

	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// The checks below complete the sentence "OPTION ..." and fit option.Check, so
// that a bad name is refused before any call.

// CheckBucket applies the SDK's own rules for new buckets.
func CheckBucket(value any) error {
	text, _ := value.(string)
	if err := s3utils.CheckValidBucketNameStrict(text); err != nil {
		return fmt.Errorf("is not a valid bucket name: %w", err)
	}
	return nil
}

// CheckUser applies MinIO's rules for access keys (minio,
// internal/auth/credentials.go and cmd/admin-handlers-users.go, AddUser).
func CheckUser(value any) error {
	text, _ := value.(string)
	switch {
	case len(text) < 3:
		return fmt.Errorf("must have at least 3 characters")
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("must not begin or end with a space")
	case strings.ContainsAny(text, "=,"):
		return fmt.Errorf("must not contain '=' or ','")
	}
	return nil
}

// CheckKey applies MinIO's rule for secret keys (minio,
// internal/auth/credentials.go).
func CheckKey(value any) error {
	if text, _ := value.(string); len(text) < 8 {
		return fmt.Errorf("must have at least 8 characters")
	}
	return nil
}

// CheckPolicyName applies MinIO's rules for policy names (minio,
// cmd/admin-handlers-users.go, AddCannedPolicy).
func CheckPolicyName(value any) error {
	text, _ := value.(string)
	switch {
	case text == "":
		return fmt.Errorf("must not be empty")
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("must not begin or end with a space")
	case strings.Contains(text, ","):
		return fmt.Errorf("must not contain ','")
	}
	return nil
}
