// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
)

// packages begin the base64 text of what gzip packed, and that of such a text: Helm
// keeps a release so, and Kubernetes gives it back so (helm.sh/helm/v4,
// pkg/storage/driver/util.go).
var packages = []string{"H4sI", "SDRzSU"}

// smallest is less than the length of any such text: gzip's own bytes are 18.
const smallest = 24

// unpacked is how many bytes of what is packed are searched.
const unpacked = 16 << 20

// packed are the parts of a text that gzip packed with a known secret in them, or
// that cannot be read to their end.
func (r *Redactor) packed(text string) []span {
	if len(r.needles) == 0 {
		return nil
	}
	var found []span
	for _, begin := range packages {
		for _, one := range runs(text, begin) {
			if content, whole := unpack(text[one.from:one.to]); !whole || len(r.spans(content)) > 0 {
				found = append(found, one)
			}
		}
	}
	return found
}

// runs are the parts of a text that begin like this and go on in base64.
func runs(text, begin string) (all []span) {
	for at := 0; ; {
		next := strings.Index(text[at:], begin)
		if next < 0 {
			return all
		}
		from := at + next
		for at = from; at < len(text) && (digit(text[at]) || text[at] == '='); at++ {
		}
		if at-from >= smallest {
			all = append(all, span{from, at})
		}
	}
}

// unpack reads base64 of gzip, or base64 of that.
func unpack(text string) (content string, whole bool) {
	coding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		coding = base64.RawURLEncoding
	}
	data, err := coding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return "", false
	}
	if strings.HasPrefix(string(data), packages[0]) {
		return unpack(string(data))
	}
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", false
	}
	data, err = io.ReadAll(io.LimitReader(reader, unpacked))
	return string(data), err == nil && len(data) < unpacked
}
