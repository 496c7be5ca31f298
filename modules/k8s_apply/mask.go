// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"encoding/base64"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// shown returns both sides of a difference as they may be printed.
func shown(kind string, before, after any) (any, any) {
	cleanBefore, cleanAfter := secret.Masked(variables(before)), secret.Masked(variables(after))
	if kind != "Secret" {
		return cleanBefore, cleanAfter
	}
	was, is := dataOf(before), dataOf(after)
	return withData(cleanBefore, marks(was, is, secret.Before)), withData(cleanAfter, marks(is, was, secret.After))
}

// marks stand for the values of a Secret's data and still tell which of them
// change.
func marks(data, other map[string]any, changes string) map[string]any {
	marked := map[string]any{}
	for key, value := range data {
		marked[key] = changes
		if reflect.DeepEqual(value, other[key]) {
			marked[key] = secret.Hidden
		}
	}
	return marked
}

func dataOf(value any) map[string]any {
	fields, _ := value.(map[string]any)
	data, _ := fields["data"].(map[string]any)
	return data
}

func withData(value any, data map[string]any) any {
	fields, isMap := value.(map[string]any)
	if !isMap || len(data) == 0 {
		return value
	}
	copied := map[string]any{}
	for key, item := range fields {
		copied[key] = item
	}
	copied["data"] = data
	return copied
}

// variables masks the environment variables of containers whose name says that
// they hold a secret: there the key is always "value".
func variables(value any) any {
	switch v := value.(type) {
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, item := range v {
			clean[key] = variables(item)
		}
		name, _ := v["name"].(string)
		if text, isText := v["value"].(string); isText && text != "" && secret.Sensitive(name) {
			clean["value"] = secret.Hidden
		}
		return clean
	case []any:
		clean := make([]any, len(v))
		for i, item := range v {
			clean[i] = variables(item)
		}
		return clean
	}
	return value
}

// scrubbed takes the values of a Secret out of what the API server says about
// it, in the clear and as it is sent.
func scrubbed(manifest *unstructured.Unstructured, err error) error {
	if err == nil || manifest.GetKind() != "Secret" {
		return err
	}
	var hide secret.Redactor
	for _, value := range dataOf(manifest.Object) {
		text, _ := value.(string)
		hide.Add(secret.NewText(text))
		if plain, decodeErr := base64.StdEncoding.DecodeString(text); decodeErr == nil {
			hide.Add(secret.NewText(string(plain)))
		}
	}
	return fault.As(fault.KindOf(err), fault.HintOf(err), hide.Text(err.Error()), nil)
}

// joined makes one error of the refusals of several manifests.
func joined(refusals []error) error {
	if len(refusals) == 0 {
		return nil
	}
	var texts []string
	for _, err := range refusals {
		texts = append(texts, err.Error())
	}
	return fault.As(fault.KindOf(refusals[0]), fault.HintOf(refusals[0]), strings.Join(texts, "; "), nil)
}
