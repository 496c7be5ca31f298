// SPDX-License-Identifier: AGPL-3.0-or-later

// Package plugindoc generates the Python files that document a module for Ansible,
// from the module's option table and its doc.yml.
package plugindoc

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"text/template"

	"go.yaml.in/yaml/v3"

	"github.com/picluster/tracing/modules/internal/option"
)

// text is what a module's doc.yml holds: everything that is not in the option
// table.
type text struct {
	ShortDescription string         `yaml:"short_description"`
	Description      []string       `yaml:"description"`
	Requirements     []string       `yaml:"requirements"`
	Notes            []string       `yaml:"notes"`
	SeeAlso          []any          `yaml:"seealso"`
	Author           []string       `yaml:"author"`
	CheckMode        support        `yaml:"check_mode"`
	DiffMode         support        `yaml:"diff_mode"`
	Examples         string         `yaml:"examples"`
	Returns          map[string]any `yaml:"returns"`
}

// support is how far a mode is supported, with the reason where it is not
// "full".
type support struct {
	Support string   `yaml:"support"`
	Details []string `yaml:"details"`
}

//go:embed module.py.tmpl
var source string

var page = template.Must(template.New("module.py").Parse(source))

// Render returns the content of plugins/modules/NAME.py.
func Render(name string, table option.Table, docPath string) ([]byte, error) {
	doc, err := read(docPath)
	if err != nil {
		return nil, err
	}
	documentation, err := toYAML(documentation(name, table, doc))
	if err != nil {
		return nil, fmt.Errorf("encode the documentation of %s: %w", name, err)
	}
	returns, err := toYAML(doc.Returns)
	if err != nil {
		return nil, fmt.Errorf("encode the return values of %s: %w", name, err)
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]string{
		"Name": name, "Documentation": documentation, "Examples": doc.Examples,
		"Returns": returns, "Spec": spec(table.Options, 0), "Rules": rules(table),
	})
	return out.Bytes(), err
}

func read(path string) (text, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return text{}, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var doc text
	if err := decoder.Decode(&doc); err != nil {
		return text{}, fmt.Errorf("read %s: %w", path, err)
	}
	return doc, nil
}

func toYAML(value any) (string, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return fold(out.String())
}
