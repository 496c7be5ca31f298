// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"cmp"
	"slices"

	"github.com/picluster/tracing/molecule/lab/internal/build"
	"github.com/picluster/tracing/molecule/lab/internal/images"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
)

// owns maps programs of the lab to the part for which a person can bring one.
var owns = map[string]parts.Name{
	programMinio: parts.MinIO, programTempo: parts.Tempo, programLoki: parts.Loki, programTraefik: parts.Traefik, programCoreDNS: parts.CoreDNS,
}

// own is the program that a person brings in place of one of the lab's, or "".
func (l Lab) own(program string) string {
	if programs := l.Parts.Own(owns[program]); len(programs) > 0 {
		return programs[0].Path
	}
	return ""
}

// path is where a program is.
func (l Lab) path(program string) string { return cmp.Or(l.own(program), l.Folder.Bin(program)) }

// needed leaves out programs that a person brings, and those that are pulled as images: only what runs is built.
func (l Lab) needed(programs []build.Program) []build.Program {
	return slices.DeleteFunc(programs, func(one build.Program) bool {
		return l.own(one.Name) != "" || l.Source == parts.RealImages && l.pulled(one.Name)
	})
}

// Brought are the paths of the programs that a person brings, by the lab's names for them.
func (l Lab) Brought() map[string]string {
	paths := map[string]string{}
	for _, part := range l.Parts.In(l.Pods) {
		for _, program := range part.Programs {
			paths[program.Path] = program.Path
			for name, owner := range owns {
				if owner == part.Name && paths[name] == "" {
					paths[name] = program.Path
				}
			}
		}
	}
	return paths
}

// seedChart is the version of the chart tempo-distributed that the seed procedure uses; its Tempo is 1.5.0.
const seedChart = "0.27.9"

// tempoImages are the images of Tempo, by their names in the charts, and the chart for the first of them.
func (l Lab) tempoImages() (all map[string]partImage, chart string, err error) {
	all = map[string]partImage{}
	for _, program := range l.Parts.Own(parts.Tempo) {
		names, newest, err := parts.TempoFor(program.Version)
		if err != nil {
			return nil, "", err
		}
		chart = cmp.Or(chart, newest)
		for _, name := range names {
			all["tempo-"+name] = partImage{images.Image{
				Name: "docker.io/grafana/tempo:" + name, Program: program.Path, Content: l.Programs[program.Path], Entrypoint: []string{"/tempo"},
				Folder: tempoFolder, User: tempoUser,
			}, parts.Tempo}
		}
	}
	if len(all) == 0 {
		all["tempo"] = partImage{l.tempo(), parts.Tempo}
	}
	return all, cmp.Or(chart, seedChart), nil
}
