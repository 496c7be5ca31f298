// SPDX-License-Identifier: AGPL-3.0-or-later

package plugindoc

import (
	"bytes"
	_ "embed"
	"path"
	"slices"
	"text/template"

	"go.yaml.in/yaml/v3"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
)

// collection comes before the name of a fragment.
const collection = "picluster.tracing."

// The fragments: the options of the connection, and what each module can do.
const kubernetesFragment, attributesFragment = "kubernetes", "attributes"

//go:embed fragment.py.tmpl
var fragmentSource string

var fragmentPage = template.Must(template.New("fragment.py").Parse(fragmentSource))

// Fragments returns the content of plugins/doc_fragments/*.py by path: what the
// documentation of several modules has in common
// (docs.ansible.com, dev_guide/developing_modules_documenting, "Documentation
// fragments").
func Fragments() (map[string]string, error) {
	pages := map[string]string{}
	for name, content := range map[string]struct {
		about, source string
		node          *yaml.Node
	}{
		kubernetesFragment: {"Options of each module that talks to the Kubernetes API.", "modules/internal/kube/options.go",
			mapping("options", options(kube.Options()))},
		attributesFragment: {"What each module can do.", "modules/internal/plugindoc/documentation.go", mapping("attributes", attributes(text{}))},
	} {
		documentation, err := toYAML(content.node)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		err = fragmentPage.Execute(&out, map[string]string{"About": content.about, "Source": content.source, "Documentation": documentation})
		if err != nil {
			return nil, err
		}
		pages[path.Join("plugins", "doc_fragments", name+".py")] = out.String()
	}
	return pages, nil
}

// withoutConnection leaves out the options of the connection where a module has all of
// them, as the fragment documents them.
func withoutConnection(rows []option.Option) (rest []option.Option, extended bool) {
	var names []string
	for _, row := range kube.Options() {
		if !slices.ContainsFunc(rows, func(other option.Option) bool { return sameDocumentation(row, other) }) {
			return rows, false
		}
		names = append(names, row.Name)
	}
	return slices.DeleteFunc(slices.Clone(rows), func(row option.Option) bool { return slices.Contains(names, row.Name) }), true
}

func sameDocumentation(one, other option.Option) bool {
	return one.Name == other.Name && sameNode(describe(one), describe(other))
}

func sameNode(one, other *yaml.Node) bool {
	a, errA := yaml.Marshal(one)
	b, errB := yaml.Marshal(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// particular are the attributes in which a module differs from the fragment.
func particular(doc text) *yaml.Node {
	node, all, shared := mapping(), attributes(doc).Content, attributes(text{}).Content
	for i := 0; i < len(all); i += 2 {
		if !sameNode(all[i+1], shared[i+1]) {
			node.Content = append(node.Content, all[i], all[i+1])
		}
	}
	return node
}
