// SPDX-License-Identifier: AGPL-3.0-or-later

package manifest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	documents "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/kube"
)

// manifest is one object as the task describes it, and where that stands.
type manifest struct {
	object *unstructured.Unstructured
	from   string
}

// read returns the manifests of the options, in the order in which they are
// applied: namespaces and new kinds first, else as they are written.
func read(args Args) ([]manifest, error) {
	all, err := defined(args.Definition, "definition")
	if err != nil {
		return nil, err
	}
	for _, path := range args.Src {
		found, err := readPath(path)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Usage, "check definition and src: there is no object in them", "read the manifests: they are empty")
	}
	all, err = once(all)
	slices.SortStableFunc(all, func(a, b manifest) int { return rank(a.object) - rank(b.object) })
	return all, err
}

// ranks put first what others need. All other kinds follow.
func ranks() map[string]int {
	return map[string]int{"Namespace": -2, "CustomResourceDefinition": -1}
}

func rank(object *unstructured.Unstructured) int { return ranks()[object.GetKind()] }

// defined reads a definition: text, one manifest, or a list of both.
func defined(value any, from string) ([]manifest, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		return parse([]byte(v), from)
	case []any:
		var all []manifest
		for i, item := range v {
			found, err := defined(item, fmt.Sprintf("%s[%d]", from, i))
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	case map[string]any:
		return whole(v, from)
	}
	return nil, unusable(from, errors.New("it is neither text nor a dictionary nor a list of them"))
}

func readPath(path string) ([]manifest, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.During("read the manifests", err)
	}
	if !info.IsDir() {
		return readFile(path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fault.During("read the manifests", err)
	}
	var all []manifest
	for _, entry := range entries {
		if entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name())) {
			continue
		}
		found, err := readFile(filepath.Join(path, entry.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func readFile(path string) ([]manifest, error) {
	data, err := file.Read(path, file.Manifests)
	if err != nil {
		return nil, fault.During("read the manifests", err)
	}
	return parse(data, path)
}

// parse reads the documents of a YAML text. JSON is YAML.
func parse(data []byte, from string) ([]manifest, error) {
	reader := documents.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	var all []manifest
	for number := 1; ; number++ {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		at := fmt.Sprintf("document %d of %s", number, from)
		if err != nil {
			return nil, unusable(at, err)
		}
		found, err := parseOne(document, at)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
}

// parseOne reads one document; an empty one holds nothing. The parser's words
// are kept only up to the line: they may quote a secret.
func parseOne(document []byte, at string) ([]manifest, error) {
	var fields map[string]any
	if err := yaml.UnmarshalStrict(document, &fields); err != nil {
		return nil, unusable(at, errors.New(lineOf(err)))
	}
	if len(fields) == 0 {
		return nil, nil
	}
	return whole(fields, at)
}

func lineOf(err error) string {
	_, rest, found := strings.Cut(err.Error(), "line ")
	if !found {
		return "it is not a YAML map with each key once"
	}
	line, _, _ := strings.Cut(rest, ":")
	return "it is not a YAML map with each key once, see line " + line
}

// whole checks that a manifest names its object, and takes a List apart.
func whole(fields map[string]any, from string) ([]manifest, error) {
	object := &unstructured.Unstructured{Object: plain(fields)}
	if items, isList := object.Object["items"].([]any); isList && object.GetKind() == "List" {
		return defined(items, from+".items")
	}
	if err := named(object); err != nil {
		return nil, unusable(from, err)
	}
	kube.DropNulls(object)
	encode(object)
	return []manifest{{object, from}}, nil
}

// plain gives numbers the types that unstructured objects have.
func plain(fields map[string]any) map[string]any {
	data, err := json.Marshal(fields)
	if err != nil {
		return fields
	}
	var clean map[string]any
	if json.Unmarshal(data, &clean) != nil {
		return fields
	}
	return clean
}

// encode moves a Secret's stringData into its data: the API server does so too,
// but forgets then who applied it (kubernetes.io, Secrets, "does not work well
// with server-side apply").
func encode(object *unstructured.Unstructured) {
	texts, found, err := unstructured.NestedStringMap(object.Object, "stringData")
	if object.GetKind() != "Secret" || !found || err != nil {
		return
	}
	data, isMap := object.Object["data"].(map[string]any)
	if !isMap {
		data = map[string]any{}
	}
	for key, text := range texts {
		data[key] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	object.Object["data"] = data
	delete(object.Object, "stringData")
}

func unusable(from string, err error) error {
	return fault.Wrap(fault.Usage, "a manifest is a YAML map with apiVersion, kind and metadata.name", "read manifest "+from, err)
}
