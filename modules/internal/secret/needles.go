// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"encoding/base64"
	"slices"
	"strings"
)

// needle is one form of a secret. Escapes and line breaks are no forms of their
// own: they are read when a needle is looked for (see readings).
type needle struct {
	text string
	// edge is how many characters beside it hold bits of the secret too. It is set
	// for the part of a base64 text that is the same whatever is around the
	// secret.
	edge int
}

// The edges of a base64 text, and of the base64 text of one.
const once, again = 1, 3

// longest is the length in bytes up to which the rare forms of a secret are
// looked for. A longer one is a certificate or a key in PEM form.
const longest = 512

// line is the length in bytes from which a line of a secret of several lines
// counts as a secret: servers quote single lines.
const line = 8

func needles(value string) []needle {
	var found gathered
	plain := spellings(value)
	found.addAll(plain, 0)
	found.addAll(counted(value), 0)
	for _, text := range plain {
		for _, core := range cores(text) {
			found.add(core, once)
			found.addAll(twice(core), again)
		}
	}
	for _, text := range slices.Concat(escaped(value), wide(value)) {
		found.add(text, 0)
		found.addAll(cores(text), once)
	}
	return found.all
}

// gathered are needles without doubles.
type gathered struct {
	all  []needle
	seen map[string]bool
}

func (g *gathered) addAll(texts []string, edge int) {
	for _, text := range texts {
		g.add(text, edge)
	}
}

func (g *gathered) add(text string, edge int) {
	if len(text) < shortest || g.seen[text] {
		return
	}
	if g.seen == nil {
		g.seen = map[string]bool{}
	}
	g.seen[text], g.all = true, append(g.all, needle{text, edge})
}

// spellings are the value, the value without the white space around it, and its
// lines where it has several. The first and the last line of a PEM block say
// what it is and are no secret.
func spellings(value string) []string {
	all := []string{value}
	trimmed := strings.TrimSpace(value)
	if trimmed != value {
		all = append(all, trimmed)
	}
	if !strings.Contains(trimmed, "\n") {
		return all
	}
	for one := range strings.Lines(trimmed) {
		if one = strings.TrimSpace(one); len(one) >= line && !strings.HasPrefix(one, "-----") {
			all = append(all, one)
		}
	}
	return all
}

// cores are the base64 texts of a value at the three offsets that it can have in
// a longer text, without the characters that depend on what is beside it, in the
// alphabet of RFC 4648 and in the one for URLs.
func cores(value string) []string {
	var all []string
	for offset := range 3 {
		padded := append(make([]byte, offset), value...)
		core := base64.RawStdEncoding.EncodeToString(padded)[(offset*8+5)/6 : len(padded)*8/6]
		all = append(all, core)
		if strings.ContainsAny(core, "+/") {
			all = append(all, strings.NewReplacer("+", "-", "/", "_").Replace(core))
		}
	}
	return all
}

// twice are the base64 texts of a base64 text, as in a Secret of the type
// kubernetes.io/dockerconfigjson.
func twice(core string) []string {
	if len(core) < line || len(core) > longest {
		return nil
	}
	return cores(core)
}
