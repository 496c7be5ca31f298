// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// named refuses a manifest that does not say which object it is. What is no text
// there would be read as nothing: an object with namespace: 7 would go to the
// default namespace.
func named(object *unstructured.Unstructured) error {
	if _, isMap := object.Object["metadata"].(map[string]any); !isMap && object.Object["metadata"] != nil {
		return errors.New("metadata must be a dictionary")
	}
	if object.GetKind() == "List" && object.Object["items"] != nil {
		return errors.New("items must be a list")
	}
	for _, field := range []struct {
		name   string
		path   []string
		needed bool
	}{
		{"apiVersion", []string{"apiVersion"}, true}, {"kind", []string{"kind"}, true},
		{"metadata.name", []string{"metadata", "name"}, true}, {"metadata.namespace", []string{"metadata", "namespace"}, false},
	} {
		value, _, _ := unstructured.NestedFieldNoCopy(object.Object, field.path...)
		if err := nameText(field.name, value, field.needed); err != nil {
			return err
		}
	}
	return nil
}

func nameText(name string, value any, needed bool) error {
	switch v := value.(type) {
	case nil:
	case string:
		needed = needed && v == ""
	case map[string]any, []any:
		return fmt.Errorf("%s must be a string", name)
	default:
		return fmt.Errorf("%s must be a string: put it in quotes", name)
	}
	if needed {
		return fmt.Errorf("%s is missing", name)
	}
	return nil
}
