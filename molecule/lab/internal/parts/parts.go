// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Part is a part of one lab.
type Part struct {
	Name Name `json:"name"`
	// From says where it comes from, in a few words; Version is "" where it is not needed.
	From    string `json:"from"`
	Version string `json:"version,omitempty"`
	// Programs are those that a person brings; none for all others.
	Programs []Program `json:"programs,omitempty"`
	// Pod is whether it runs only in pods.
	Pod bool `json:"pod,omitempty"`
	// Real is whether the real one is fetched.
	Real bool `json:"real,omitempty"`
}

// Program is one that a person brings.
type Program struct {
	// Path is absolute; for Grafana it is the home folder.
	Path    string `json:"path"`
	Version string `json:"version"`
}

// StandIn says whether the part is only a stand-in.
func (p Part) StandIn() bool { return strings.HasPrefix(p.From, standIn) }

// List has each part once.
type List []Part

// Own are the programs that a person brings for a part, none for most.
func (l List) Own(name Name) []Program {
	for _, part := range l {
		if part.Name == name {
			return part.Programs
		}
	}
	return nil
}

// Real says whether the real one of a part is fetched: its image, or the charts.
func (l List) Real(name Name) bool {
	for _, part := range l {
		if part.Name == name {
			return part.Real
		}
	}
	return false
}

// Images is the choice that the lab was started with.
func (l List) Images() Images {
	for _, part := range l {
		switch {
		case part.Real && strings.HasSuffix(part.From, copied):
			return LoopbackImages
		case part.Real:
			return RealImages
		}
	}
	return OwnImages
}

// In is the list for a lab with or without pods: without, a part that runs in pods alone comes from nowhere.
func (l List) In(pods bool) List {
	list := slices.Clone(l)
	for i, part := range list {
		if part.Pod && !pods {
			list[i] = Part{Name: part.Name, From: noPods, Pod: true}
		}
	}
	return list
}

// Fit says whether a lab with pods can use what a person brings: only a Tempo that one of the charts names.
func (l List) Fit() error {
	for _, program := range l.Own(Tempo) {
		if _, _, err := TempoFor(program.Version); err != nil {
			return fmt.Errorf("read LAB_TEMPO: %w", err)
		}
	}
	return nil
}

// Images says whether a lab downloads real images and charts, and from where.
type Images string

// Values of IMAGES: the lab's own, the default; the images that the charts name, and the charts, from their real locations; the same
// from a registry and a chart repository on loopback that hold the lab's own under the real names, to test the whole path.
const (
	OwnImages      Images = ""
	RealImages     Images = "real"
	LoopbackImages Images = "loopback"
)

// ReadImages reads IMAGES.
func ReadImages(environment func(string) string) (Images, error) {
	switch images := Images(environment("IMAGES")); images {
	case OwnImages, RealImages, LoopbackImages:
		return images, nil
	default:
		return images, fmt.Errorf("read IMAGES %q: it is real, or nothing", images)
	}
}

// in is where a row's part comes from when nobody brings it.
func (r row) in(images Images) Part {
	part := Part{Name: r.name, From: r.from, Version: r.version, Pod: r.pod}
	if r.real == "" || images == OwnImages {
		return part
	}
	part.From, part.Version, part.Real = r.real, "", true
	if images == LoopbackImages {
		part.From += copied
	}
	return part
}

// Resolve reads from the environment what a person brings, and asks these programs for their versions.
func Resolve(ctx context.Context, environment func(string) string) (List, error) {
	images, err := ReadImages(environment)
	if err != nil {
		return nil, err
	}
	var list List
	for _, row := range table {
		part := row.in(images)
		if text := row.set(environment); text != "" {
			if part, err = row.brought(ctx, text); err != nil {
				return nil, fmt.Errorf("read %s: %w", row.variable, err)
			}
		}
		list = append(list, part)
	}
	return list, nil
}

// WithGrafana is the list with Grafana from a home folder that its image had.
func (l List) WithGrafana(ctx context.Context, folder string) (List, error) {
	list := slices.Clone(l)
	at := slices.IndexFunc(table, func(row row) bool { return row.name == Grafana })
	programs, err := home(ctx, table[at], folder)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Name == Grafana {
			list[i].From, list[i].Version, list[i].Programs = outside, versions(programs), programs
		}
	}
	return list, nil
}

func versions(programs []Program) string {
	var all []string
	for _, program := range programs {
		all = append(all, program.Version)
	}
	return strings.Join(all, ", ")
}
