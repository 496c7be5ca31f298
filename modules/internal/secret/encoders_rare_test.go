// SPDX-License-Identifier: AGPL-3.0-or-later

package secret_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

// rareEncoders are forms of programs for Windows and of old ones, and forms in forms.
var rareEncoders = map[string]func(string) string{
	"UTF-16":                   func(s string) string { return utf16Of(s, binary.LittleEndian) },
	"UTF-16 from the high end": func(s string) string { return utf16Of(s, binary.BigEndian) },
	"UTF-16 in JSON":           func(s string) string { return jsonOf(utf16Of(s, binary.LittleEndian), true) },
	"base64 of UTF-16":         func(s string) string { return base64Of(utf16Of("-p "+s+" -x", binary.LittleEndian)) },
	"base64 of XML":            func(s string) string { return base64Of("<p>" + xmlOf(s) + "</p>") },
	"base64 for URLs, a login": func(s string) string { return base64.URLEncoding.EncodeToString([]byte("me:" + s)) },
	"base64 lines in JSON":     func(s string) string { return jsonOf(wrapped(base64Of("user:"+s), 20), true) },
	"HTML":                     html.EscapeString,
	"HTML of JSON":             func(s string) string { return html.EscapeString(jsonOf(s, true)) },
	"JSON of HTML":             func(s string) string { return jsonOf(html.EscapeString(s), true) },
	"a query of JSON":          func(s string) string { return url.QueryEscape(jsonOf(s, true)) },
	"a login in a URL":         func(s string) string { return url.UserPassword("me", s).String() },
	"bytes with colons":        func(s string) string { return strings.ReplaceAll(fmt.Sprintf("% x", s), " ", ":") },
	"bytes of C":               func(s string) string { return fmt.Sprintf("% #x", []byte(s)) },
	"doubled percents":         func(s string) string { return strings.ReplaceAll(s, "%", "%%") },
	"Latin-1":                  latinOf,
	"UTF-16 of JSON, base64": func(s string) string {
		return base64Of(utf16Of(`{"password":`+jsonOf(s, true)+`}`, binary.LittleEndian))
	},
	"hexadecimal of JSON":    func(s string) string { return fmt.Sprintf("%x", `{"password":`+jsonOf(s, true)+`}`) },
	"bytes of JSON":          func(s string) string { return fmt.Sprintf("%d", []byte(`{"password":`+jsonOf(s, true)+`}`)) },
	"hexadecimal of base64":  func(s string) string { return fmt.Sprintf("%x", base64Of("user:"+s)) },
	"base64 of YAML":         func(s string) string { return base64Of("s3:\n  " + yamlOf(s) + "\n") },
	"base64 three times":     func(s string) string { return base64Of(base64Of(base64Of("user:" + s))) },
	"base64 of JSON in JSON": func(s string) string { return base64Of(jsonOf(`{"p":`+jsonOf(s, false)+`}`, false)) },
	"lines of Python":        pythonLines,
	"Latin-1 in JSON":        func(s string) string { return jsonOf(latinOf(s), true) },
}

// A release of Helm is JSON that gzip packed, in base64, and Kubernetes writes what
// is in a Secret in base64 again.
func TestRedactorLooksIntoWhatIsPacked(t *testing.T) {
	var hide secret.Redactor
	hide.Add(secret.NewText("correct-horse"))
	random := base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte("0a9Z"), 99))
	with, without := packed(`{"config":{"s3":{"secret_key":"correct-horse"}},"x":"`+random+`"}`), packed(`{"config":{},"x":"`+random+`"}`)
	for name, test := range map[string]struct{ reason, text, shown string }{
		"a release":           {"as the Secret has it", "release: " + base64Of(with) + ".", "release: " + secret.Placeholder + "."},
		"by the API":          {"as kubectl get has it", `"release":"` + base64Of(base64Of(with)) + `"`, `"release":"` + secret.Placeholder + `"`},
		"for URLs":            {"another alphabet", base64.URLEncoding.EncodeToString([]byte(with)), secret.Placeholder},
		"cut":                 {"the beginning can be unpacked", "release: " + base64Of(with)[:80], "release: " + secret.Placeholder},
		"without the secret":  {"a packed dashboard of somebody", base64Of(without), base64Of(without)},
		"two":                 {"each on its own", base64Of(without) + " " + base64Of(with), base64Of(without) + " " + secret.Placeholder},
		"a word":              {"it has the same letters", "file H4sI.txt", "file H4sI.txt"},
		"a word in some text": {"it has the same letters", "THIS IS H4sI", "THIS IS H4sI"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.shown, hide.Text(test.text), test.reason)
		})
	}
}

// pythonLines is a text as Python's pprint breaks it at its spaces.
func pythonLines(text string) string {
	var out []string
	for _, word := range strings.SplitAfter(text, " ") {
		out = append(out, "'"+strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\t", `\t`).Replace(word)+"'")
	}
	return "(" + strings.Join(out, "\n ") + ")"
}

func packed(text string) string {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, _ = writer.Write([]byte(text))
	_ = writer.Close()
	return out.String()
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func utf16Of(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func latinOf(text string) string {
	var out strings.Builder
	for _, one := range []byte(text) {
		out.WriteRune(rune(one))
	}
	return out.String()
}
