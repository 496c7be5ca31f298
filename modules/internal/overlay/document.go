// SPDX-License-Identifier: AGPL-3.0-or-later

package overlay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"
)

// Parse reads YAML values as Helm does: YAML 1.1 words such as "on" are booleans,
// merge keys are merged, empty text is an empty map. A text that is not a map, or
// more than one document, is an error.
func Parse(text string) (map[string]any, error) {
	if _, err := document(text); err != nil {
		return nil, err
	}
	var value any
	if err := sigs.Unmarshal([]byte(text), &value); err != nil {
		return nil, fmt.Errorf("not valid YAML: %w", plain(err))
	}
	if value == nil {
		return map[string]any{}, nil
	}
	tree, isMap := value.(map[string]any)
	if !isMap {
		return nil, errors.New("the YAML is not a map of values")
	}
	return tree, nil
}

// plain strips the parser's own prefixes from its error, which names a line.
func plain(err error) error {
	text := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
	return errors.New(strings.TrimPrefix(text, "yaml: "))
}

// document parses text into nodes, which keep comments and styles. The node is
// nil if there are only comments.
func document(text string) (*yaml.Node, error) {
	// The comments of yaml.v3 keep a carriage return, which then counts as a line.
	decoder := yaml.NewDecoder(strings.NewReader(strings.ReplaceAll(text, "\r\n", "\n")))
	var first, second yaml.Node
	err := decoder.Decode(&first)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("not valid YAML: %w", plain(err))
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document, of which Helm reads only one")
	}
	return &first, nil
}

// Rewrite changes text so that Parse of it returns tree. What does not differ
// keeps its order, comments and quotes. lost are the comments that could not be
// kept.
func Rewrite(text string, tree map[string]any) (rewritten string, lost []string, err error) {
	have, err := Parse(text)
	if err != nil || Equal(have, tree) {
		return text, nil, err
	}
	node, err := document(text)
	if err != nil {
		return "", nil, err
	}
	if rewritten, err = render(text, node, have, tree); err != nil {
		return "", nil, err
	}
	proof, err := Parse(rewritten)
	if err != nil || !Equal(proof, tree) {
		return "", nil, errors.New("the rewritten YAML would not say what it should; nothing was changed")
	}
	return rewritten, lostComments(text, rewritten), nil
}

func render(text string, node *yaml.Node, have, tree map[string]any) (string, error) {
	prefix := ""
	if node == nil || len(node.Content) == 0 || node.Content[0].Kind != yaml.MappingNode {
		prefix = onlyComments(text)
		node = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
		have = map[string]any{}
	}
	editor := &editor{root: node}
	if err := editor.sync(node.Content[0], have, tree); err != nil {
		return "", err
	}
	if len(tree) == 0 {
		return prefix, nil
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if !indented(text) {
		encoder.CompactSeqIndent()
	}
	if err := encoder.Encode(node); err != nil {
		return "", fmt.Errorf("write YAML: %w", err)
	}
	return prefix + lineEnds(text, out.String()), nil
}

// onlyComments returns the comments of a text that holds no value.
func onlyComments(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			kept.WriteString(strings.TrimRight(line, "\r\n") + "\n")
		}
	}
	return kept.String()
}

// indented reports whether the lists of text are indented below their key.
func indented(text string) bool {
	key := -1
	for line := range strings.Lines(text) {
		bare := strings.TrimLeft(line, " ")
		depth := len(line) - len(bare)
		if key >= 0 && strings.HasPrefix(bare, "- ") {
			return depth > key
		}
		key = -1
		if strings.HasSuffix(strings.TrimRight(bare, " \r\n"), ":") && !strings.HasPrefix(bare, "#") {
			key = depth
		}
	}
	return true
}

// lineEnds gives the result the line endings of the text it replaces.
func lineEnds(text, result string) string {
	if strings.Contains(text, "\r\n") {
		return strings.ReplaceAll(result, "\n", "\r\n")
	}
	return result
}

// lostComments lists the comments of before that are not in after.
func lostComments(before, after string) []string {
	remaining := map[string]int{}
	for _, comment := range comments(after) {
		remaining[comment]++
	}
	var lost []string
	for _, comment := range comments(before) {
		if remaining[comment]--; remaining[comment] < 0 {
			lost = append(lost, comment)
		}
	}
	return lost
}

// comments collects the comments of all nodes of a YAML text, line by line.
func comments(text string) []string {
	var found []string
	add := func(block string) {
		for line := range strings.Lines(block) {
			if line = strings.TrimSpace(line); line != "" {
				found = append(found, line)
			}
		}
	}
	node, err := document(text)
	if err != nil || node == nil {
		add(onlyComments(text))
		return found
	}
	walk(node, func(n *yaml.Node) { add(n.HeadComment); add(n.LineComment); add(n.FootComment) })
	return found
}

func walk(node *yaml.Node, visit func(*yaml.Node)) {
	visit(node)
	for _, child := range node.Content {
		walk(child, visit)
	}
}
