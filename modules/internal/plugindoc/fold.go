// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// width is where generated lines end. Ansible's sanity tests allow 160.
const width = 120

// fold wraps the long scalars of a block-style document without changing what
// they mean. Lines of block scalars stay: they hold literal text.
func fold(document string) (string, error) {
	var out []string
	text := -1 // the indentation of the key whose block scalar the lines belong to
	for _, line := range strings.Split(document, "\n") {
		blanks := len(line) - len(strings.TrimLeft(line, " "))
		if text >= 0 && (line == "" || blanks > text) {
			out = append(out, line)
			continue
		}
		text = -1
		if blockScalar.MatchString(line) {
			text = blanks
		}
		out = append(out, foldLine(line)...)
	}
	folded := strings.Join(out, "\n")
	return folded, same(document, folded)
}

var (
	blockScalar = regexp.MustCompile(`[:-] [|>][-+0-9]*$`)
	lead        = regexp.MustCompile(`^ *(- )*`)
	key         = regexp.MustCompile(`^[^ '"]+: +`)
)

// foldLine breaks one line at spaces. Continuations are indented to an item's
// text, or two deeper than a key, as plain scalars require.
func foldLine(line string) []string {
	indent := lead.FindString(line)
	name := key.FindString(line[len(indent):])
	from, deeper := len(indent)+len(name), strings.Repeat(" ", len(indent))
	if name != "" || !strings.HasSuffix(indent, "- ") {
		deeper += "  "
	}
	var out []string
	for len([]rune(line)) > width {
		at := breakAt(line, from)
		if at < 0 {
			break
		}
		out = append(out, line[:at])
		line, from = deeper+line[at+1:], len(deeper)
	}
	return append(out, line)
}

// breakAt is the position of the last single space before the width at which a
// line can be broken; -1 if there is none. No line begins with what would mean
// something else in YAML.
func breakAt(line string, from int) int {
	for at := len(string([]rune(line)[:width])); at > from; at-- {
		if line[at] != ' ' || at+1 == len(line) {
			continue
		}
		if !strings.ContainsRune(` \:`, rune(line[at-1])) && !strings.ContainsRune(" -#?:&*!|>%@`'\"[]{},", rune(line[at+1])) {
			return at
		}
	}
	return -1
}

func same(before, after string) error {
	var one, other any
	if err := yaml.Unmarshal([]byte(before), &one); err != nil {
		return err
	}
	if err := yaml.Unmarshal([]byte(after), &other); err != nil {
		return fmt.Errorf("a folded line is no YAML: %w", err)
	}
	if !reflect.DeepEqual(one, other) {
		return fmt.Errorf("a folded line means something else")
	}
	return nil
}
