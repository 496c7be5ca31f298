// SPDX-License-Identifier: AGPL-3.0-or-later

package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/secret"
)

// encoders are the forms in which programs give a text back.
var encoders = map[string]func(string) string{
	"plain":                   func(s string) string { return s },
	"base64":                  func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs":         func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 of a login":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte("a:" + s)) },
	"base64 of another login": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("me:" + s)) },
	"base64 of a third login": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("you:" + s)) },
	"base64 with more behind": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("{" + s + "}\n")) },
	"base64 of base64":        doubleBase64,
	"base64 of JSON": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"p":` + jsonOf(s, true) + `}`))
	},
	"base64 in lines":          func(s string) string { return wrapped(base64.StdEncoding.EncodeToString([]byte("user:"+s)), 20) },
	"base64 in a URL":          func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("u:" + s))) },
	"JSON":                     func(s string) string { return jsonOf(s, false) },
	"JSON with HTML escapes":   func(s string) string { return jsonOf(s, true) },
	"JSON in JSON":             func(s string) string { return jsonOf(jsonOf(s, true), true) },
	"JSON in Go":               func(s string) string { return strconv.Quote(jsonOf(s, false)) },
	"Go":                       strconv.Quote,
	"Go in ASCII":              strconv.QuoteToASCII,
	"a query":                  url.QueryEscape,
	"a path":                   url.PathEscape,
	"a query in small letters": func(s string) string { return lowerPercent(url.QueryEscape(s)) },
	"a query in a query":       func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"all of it in percent":     everyPercent,
	"XML":                      xmlOf,
	"XML in XML":               func(s string) string { return xmlOf(xmlOf(s)) },
	"YAML":                     yamlOf,
	"YAML in single quotes":    func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" },
	"YAML block":               func(s string) string { return "key: |\n    " + strings.ReplaceAll(s, "\n", "\n    ") },
	"YAML folded": func(s string) string {
		return "key: >\n    " + strings.ReplaceAll(strings.ReplaceAll(s, "\n", "\n\n"), " ", "\n    ")
	},
	"YAML block in Go":      func(s string) string { return strconv.Quote("key: |\n    " + strings.ReplaceAll(s, "\n", "\n    ")) },
	"lines joined":          func(s string) string { return strings.ReplaceAll(s, "\n", " ") },
	"lines of Windows":      func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	"a shell's quotes":      func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" },
	"Python's shell quotes": func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'" },
	"a shell's backslashes": shellEscaped,
	"doubled dollars":       func(s string) string { return strings.ReplaceAll(s, "$", "$$") },
	"hexadecimal":           func(s string) string { return hex.EncodeToString([]byte(s)) },
	"bytes in hexadecimal":  func(s string) string { return fmt.Sprintf("% X", s) },
	"bytes":                 func(s string) string { return fmt.Sprintf("%d", []byte(s)) },
	"bytes in Go":           func(s string) string { return fmt.Sprintf("%#v", []byte(s)) },
	"a mail":                quotedPrintable,
}

const letters = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`

// random is a secret of 8 to 40 characters, every third of which is one that some
// program escapes. It begins and ends with a letter.
func random(dice *rand.Rand) string {
	odd := []rune("\"'\\<>&%+/=$ \n\t{}[]:;#@!`~^*?|-_.,äß€\U0001F511")
	plain := []rune(letters)
	text := []rune{plain[dice.IntN(len(plain))]}
	for range 6 + dice.IntN(33) {
		if dice.IntN(3) == 0 {
			text = append(text, odd[dice.IntN(len(odd))])
			continue
		}
		text = append(text, plain[dice.IntN(len(plain))])
	}
	return string(append(text, plain[dice.IntN(len(plain))]))
}

func TestRedactorKnowsEveryEncoding(t *testing.T) {
	all := maps.Clone(encoders)
	maps.Copy(all, rareEncoders)
	for name, encode := range all {
		t.Run(name, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(7, 42))
			for range 60 {
				value := random(dice)
				var hide secret.Redactor
				hide.Add(secret.NewText(value))
				// The same text around the letters of another secret says how much of
				// it is of the encoding itself.
				hidden := hide.Text("refused: " + encode(value) + ", said the server")
				require.Contains(t, hidden, secret.Placeholder, "%q as %q", value, encode(value))
				left := strings.ReplaceAll(hidden, secret.Placeholder, "\x00")
				require.LessOrEqual(t, len(left), len("refused: , said the server")+28, "%q as %q leaves %q", value, encode(value), hidden)
				for at := range len(value) - 6 {
					require.NotContains(t, left, value[at:at+6], "%q as %q", value, encode(value))
				}
			}
		})
	}
}

func TestRedactorLeavesOtherTextAlone(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	var hide secret.Redactor
	for range 20 {
		hide.Add(secret.NewText(random(dice)))
	}
	hide.Add(secret.NewText("a+b/"), secret.NewText("x  y"), secret.NewText("pass"))
	for _, text := range []string{
		"read Secret tracing/tempo: secrets is forbidden: User \"x\" cannot list resource\n  in the namespace \\ 'tracing' 100% & more",
		strings.Repeat(`\`, 200), strings.Repeat("'", 200), strings.Repeat("%25", 99), strings.Repeat(" \n", 99),
		"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	} {
		require.Equal(t, text, hide.Text(text))
	}
}

// BenchmarkRedactor is a result of 100 KiB and ten secrets, as a task with many
// objects has them.
func BenchmarkRedactor(b *testing.B) {
	dice := rand.New(rand.NewPCG(1, 2))
	text := strings.Repeat("- name: tempo-distributor\n  value: \"http://tempo.tracing.svc:4318/v1/traces\"\n", 1300)
	for b.Loop() {
		var hide secret.Redactor
		for range 10 {
			hide.Add(secret.NewText(random(dice)))
		}
		hide.Text(text)
	}
}

func jsonOf(text string, html bool) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(text)
	return strings.TrimSpace(out.String())
}

func doubleBase64(text string) string {
	inner := base64.StdEncoding.EncodeToString([]byte("user:" + text))
	return base64.StdEncoding.EncodeToString([]byte(`{"auth":"` + inner + `"}`))
}

func wrapped(text string, width int) string {
	var lines []string
	for len(text) > width {
		lines, text = append(lines, text[:width]), text[width:]
	}
	return strings.Join(append(lines, text), "\n  ")
}

func lowerPercent(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' {
			out.WriteString(strings.ToLower(text[i : i+3]))
			i += 2
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

func everyPercent(text string) string {
	var out strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&out, "%%%02x", text[i])
	}
	return out.String()
}

func xmlOf(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text))
	return out.String()
}

func yamlOf(text string) string {
	out, _ := yaml.Marshal(map[string]string{"k": text})
	return strings.TrimSpace(string(out))
}

func shellEscaped(text string) string {
	var out strings.Builder
	for _, r := range text {
		if !strings.ContainsRune(letters+"\n", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func quotedPrintable(text string) string {
	var out bytes.Buffer
	writer := quotedprintable.NewWriter(&out)
	_, _ = writer.Write([]byte(text))
	_ = writer.Close()
	return out.String()
}
