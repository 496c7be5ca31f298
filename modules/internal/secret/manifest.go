// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "encoding/base64"

// InManifest are the secrets of a Kubernetes object: all values of a Secret, in the clear
// and as they are sent, and in any other kind what Within finds.
func InManifest(object map[string]any) []Text {
	found := Within(object)
	if object["kind"] != "Secret" {
		return found
	}
	for _, entry := range []string{"data", "stringData"} {
		found = append(found, leaves(object[entry])...)
	}
	return found
}

// leaves are the texts and numbers in a value, and what they are the base64 of.
func leaves(value any) []Text {
	var found []Text
	switch v := value.(type) {
	case map[string]any:
		for _, item := range v {
			found = append(found, leaves(item)...)
		}
	case []any:
		for _, item := range v {
			found = append(found, leaves(item)...)
		}
	case string:
		found = append(found, NewText(v))
		if plain, err := base64.StdEncoding.DecodeString(v); err == nil {
			found = append(found, NewText(string(plain)))
		}
	default:
		found = append(found, Numbers(v)...)
	}
	return found
}
