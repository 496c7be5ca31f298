// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"bytes"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// asWritten is a manifest in the canonical form, with the fields that it sets to
// what an unset field is: false, 0, "" or an empty list. The API server stores none
// of them, but somebody may have set them to something else.
func asWritten(manifest *unstructured.Unstructured) ([]byte, error) {
	data, err := canonical(manifest)
	if err != nil {
		return nil, err
	}
	var content map[string]any
	if err := json.Unmarshal(data, &content); err != nil {
		return nil, err
	}
	for key, value := range manifest.Object {
		if key != "metadata" { // its fields identify the object
			putBack(content, key, value)
		}
	}
	return json.Marshal(content)
}

func putBack(canonical map[string]any, key string, written any) {
	kept, ok := canonical[key]
	if !ok {
		if isUnset(written) && key != "nodePort" { // 0 asks the API server to choose one
			canonical[key] = written
		}
		return
	}
	switch written := written.(type) {
	case map[string]any:
		putBackFields(kept, written)
	case []any:
		items, ok := kept.([]any)
		for i := 0; ok && i < len(written) && len(items) == len(written); i++ {
			if fields, ok := written[i].(map[string]any); ok {
				putBackFields(items[i], fields)
			}
		}
	}
}

func putBackFields(canonical any, written map[string]any) {
	fields, ok := canonical.(map[string]any)
	if !ok {
		return
	}
	for key, value := range written {
		putBack(fields, key, value)
	}
}

// isUnset reports whether a value is what an unset field is, though it is written.
func isUnset(value any) bool {
	switch v := value.(type) {
	case bool:
		return !v
	case string:
		return v == ""
	case int64:
		return v == 0
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// changesNothing reports whether a patch leaves an object as it is, in the form in
// which the API server stores it.
func changesNothing(current, patch []byte, typed runtime.Object) bool {
	data, err := strategicpatch.StrategicMergePatch(current, patch, typed)
	if err != nil {
		return false
	}
	patched := &unstructured.Unstructured{}
	if err := json.Unmarshal(data, &patched.Object); err != nil {
		return false
	}
	after, err := canonical(patched)
	return err == nil && bytes.Equal(after, current)
}
