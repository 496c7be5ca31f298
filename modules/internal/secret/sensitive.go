// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "regexp"

// sensitive matches keys of free-form settings whose string value is a secret
// by the custom of the programs that we configure: Tempo's S3 settings
// (secret_key, session_token), Grafana's secureJsonData, Helm values in
// camelCase. Names of Secrets (secretName, existingSecret) are not secrets.
var sensitive = regexp.MustCompile(
	`(?i)(^|[_.-])(password|passwd|passphrase|token|secret[_-]?key|secret[_-]?access[_-]?key|access[_-]?key|api[_-]?key|private[_-]?key|client[_-]?secret)$` +
		`|(Password|Token|SecretKey|AccessKey|ApiKey|APIKey|PrivateKey|ClientSecret)$`)

// Sensitive reports whether the value under this key of a free-form map is
// taken for a secret.
func Sensitive(key string) bool { return sensitive.MatchString(key) }

// Within collects the strings under sensitive keys anywhere in value.
func Within(value any) []Text {
	var found []Text
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			text, isText := item.(string)
			if isText && Sensitive(key) {
				found = append(found, NewText(text))
				continue
			}
			found = append(found, Within(item)...)
		}
	case []any:
		for _, item := range v {
			found = append(found, Within(item)...)
		}
	}
	return found
}

// Masked returns a copy of value in which every string under a sensitive key is
// replaced by Hidden. An empty string stays, since it hides nothing.
func Masked(value any) any {
	switch v := value.(type) {
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, item := range v {
			clean[key] = maskedItem(key, item)
		}
		return clean
	case []any:
		clean := make([]any, len(v))
		for i, item := range v {
			clean[i] = Masked(item)
		}
		return clean
	}
	return value
}

func maskedItem(key string, item any) any {
	text, isText := item.(string)
	if isText && text != "" && Sensitive(key) {
		return Hidden
	}
	return Masked(item)
}
