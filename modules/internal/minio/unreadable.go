// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"errors"
	"strings"
)

// CheckDocument is a Check for a policy's document. MinIO stores a statement that
// has NotAction in the place of Action, and then cannot return that policy, nor
// a list of all (minio/pkg, policy/actionset.go, MarshalJSON: "empty actions not
// allowed"): nobody could change it any more.
func CheckDocument(value any) error {
	document, _ := value.(map[string]any)
	for _, item := range listed(named(document, documentNames)["Statement"]) {
		fields, _ := item.(map[string]any)
		statement := named(fields, statementNames)
		if statement["NotAction"] != nil && statement["Action"] == nil {
			return errors.New("must not have a statement with NotAction alone, which MinIO takes and cannot give back: list the actions under Action")
		}
	}
	return nil
}

// listed is a list, or the one value in its place.
func listed(value any) []any {
	if list, isList := value.([]any); isList {
		return list
	}
	return []any{value}
}

// unreadable recognises MinIO's answer about a policy that it has and cannot
// return.
func unreadable(err error) bool {
	return err != nil && strings.Contains(err.Error(), "empty actions not allowed")
}
