// SPDX-License-Identifier: AGPL-3.0-or-later

package charts

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"sigs.k8s.io/yaml"
)

// state is the merged layers of an edition.
type state struct {
	values     map[string]any
	generation map[string]any
}

// layer is one file of a layer folder: what changed with a version.
type layer struct {
	// Drop lists dotted paths below "values" or "generation" that this version no longer has.
	Drop []string `json:"drop"`
	// Shared is merged into each of the named sections of the values, before Values.
	Shared []shared `json:"shared"`
	// Values is merged into values.yaml.
	Values map[string]any `json:"values"`
	// Generation is merged into generation.json, the facts that the templates branch on.
	Generation map[string]any `json:"generation"`
}

type shared struct {
	Sections []string       `json:"sections"`
	Values   map[string]any `json:"values"`
}

func stackLayers(src fs.FS, chart string, names []string) (state, error) {
	s := state{values: map[string]any{}, generation: map[string]any{}}
	for _, name := range names {
		folder := path.Join(chart, "layers", name)
		files, err := fs.ReadDir(src, folder)
		if err != nil {
			return s, fmt.Errorf("reading layer %s: %w", folder, err)
		}
		for _, f := range files {
			if err := s.lay(src, path.Join(folder, f.Name())); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func (s *state) lay(src fs.FS, file string) error {
	var l layer
	if err := readYAML(src, file, &l); err != nil {
		return err
	}
	for _, p := range l.Drop {
		if err := s.drop(p); err != nil {
			return fmt.Errorf("applying layer %s: %w", file, err)
		}
	}
	for _, sh := range l.Shared {
		for _, section := range sh.Sections {
			merge(s.values, map[string]any{section: copyOf(sh.Values)})
		}
	}
	merge(s.values, l.Values)
	merge(s.generation, l.Generation)
	return nil
}

// drop removes a path that must exist: a layer that drops nothing is a mistake in the layer.
func (s *state) drop(dotted string) error {
	steps := strings.Split(dotted, ".")
	at := map[string]any{"values": s.values, "generation": s.generation}
	for _, step := range steps[:len(steps)-1] {
		next, ok := at[step].(map[string]any)
		if !ok {
			return fmt.Errorf("dropping %s: %s is no map", dotted, step)
		}
		at = next
	}
	last := steps[len(steps)-1]
	if _, ok := at[last]; !ok {
		return fmt.Errorf("dropping %s: there is no such key", dotted)
	}
	delete(at, last)
	return nil
}

// merge merges over into base: maps merge deep, everything else (also null) replaces.
func merge(base, over map[string]any) {
	for k, v := range over {
		have, isMap := base[k].(map[string]any)
		want, wantMap := v.(map[string]any)
		if isMap && wantMap && len(want) > 0 {
			merge(have, want)
			continue
		}
		base[k] = v
	}
}

// copyOf makes a deep copy, so that sections that share values do not share memory.
func copyOf(values map[string]any) map[string]any {
	raw, err := yaml.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("copying values that came from YAML: %v", err))
	}
	out := map[string]any{}
	if err := yaml.Unmarshal(raw, &out); err != nil {
		panic(fmt.Sprintf("copying values that came from YAML: %v", err))
	}
	return out
}
