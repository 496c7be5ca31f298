// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
)

// gzipped begins what gzip packed. Helm keeps a release so, in base64, and Kubernetes
// gives it back in base64 again (helm.sh/helm/v4, pkg/storage/driver/util.go).
const gzipped = "\x1f\x8b\x08"

// unpacked is how many bytes of what is packed are read.
const unpacked = 16 << 20

func unpack(packed string) (content string, whole bool) {
	reader, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		return "", false
	}
	data, err := io.ReadAll(io.LimitReader(reader, unpacked))
	return string(data), err == nil && len(data) < unpacked
}

var base64Digits, hexDigits = set(digits10 + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/-_="), set(digits10 + "abcdefABCDEF")

// base64Parts are those that may be base64, over lines of one length.
func base64Parts(text string) []span {
	parts := runs(text, &base64Digits, 24)
	if len(parts) < 2 {
		return parts
	}
	all := parts[:1]
	for _, next := range parts[1:] {
		last := &all[len(all)-1]
		between := text[last.to:next.from]
		if strings.Trim(between, " \r\n") == "" && strings.Contains(between, "\n") {
			last.to = next.to
			continue
		}
		all = append(all, next)
	}
	return all
}

// readBase64 is what a part says if it begins there, or one to three characters
// later: a word may stand before it.
func readBase64(part string) (all []string) {
	part = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "").Replace(part)
	for offset := range 4 {
		digits := strings.TrimRight(part[offset:], "=")
		if len(digits)%4 == 1 {
			digits = digits[:len(digits)-1]
		}
		if data, err := base64.RawStdEncoding.DecodeString(digits); err == nil {
			all = append(all, string(data))
		}
	}
	return all
}

func hexParts(text string) []span { return runs(text, &hexDigits, 16) }

func readHex(part string) (all []string) {
	for offset := range 2 {
		digits := part[offset:]
		data, _ := hex.DecodeString(digits[:len(digits)/2*2]) // all are digits
		all = append(all, string(data))
	}
	return all
}
