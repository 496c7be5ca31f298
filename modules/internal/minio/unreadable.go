// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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
		if err := checkKept(statement); err != nil {
			return err
		}
	}
	return nil
}

// checkKept refuses what MinIO drops from a statement without a word: the policy would
// allow more than it says, and differ in each run.
func checkKept(statement map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(statement)) {
		switch {
		case name == "Principal" || name == "NotPrincipal":
			return fmt.Errorf("must not have a statement with %s, which MinIO drops: the policy is for the users that it is attached to", name)
		case !slices.Contains(statementNames, name):
			return fmt.Errorf("must not have %q in a statement, which MinIO drops: a statement has Sid, Effect, Action, NotAction, Resource, NotResource and Condition", name)
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
