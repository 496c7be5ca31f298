// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"sigs.k8s.io/yaml"

	sources "github.com/picluster/tracing/molecule/lab/charts"
	"github.com/picluster/tracing/molecule/lab/internal/images"
)

// tempoFolder is what Tempo's image has for Tempo's user (grafana/tempo, cmd/tempo/Dockerfile@v2.10.8 and v3.0.3): without a volume
// its write-ahead log is in there.
const tempoFolder, tempoUser = "/var/tempo", 10001

// tempo is the stand-in for Tempo (../../tempo) under the name and tag of every Tempo image in the lab's charts; the tag
// is the version that it runs as.
func (l Lab) tempo() images.Image {
	image := images.Image{
		Program: l.Folder.Bin(programTempo), Content: l.Programs[programTempo], Others: map[string][]string{}, Folder: tempoFolder, User: tempoUser,
	}
	for _, version := range tempoVersions() {
		image.Others["docker.io/grafana/tempo:"+version] = []string{"/tempo", "-stand-in.version=" + version}
	}
	image.Name = slices.Sorted(maps.Keys(image.Others))[0]
	image.Entrypoint = image.Others[image.Name]
	return image
}

// tempoVersions are the appVersions of the charts' editions.
func tempoVersions() []string {
	var all []string
	for _, chart := range []string{"tempo", "tempo-distributed"} {
		var list struct{ Editions []struct{ AppVersion string } }
		text, err := fs.ReadFile(sources.Files, chart+"/editions.yaml")
		if err == nil {
			err = yaml.Unmarshal(text, &list)
		}
		if err != nil {
			panic(fmt.Sprintf("read the editions of chart %s: %v", chart, err)) // they are part of the program
		}
		for _, edition := range list.Editions {
			all = append(all, edition.AppVersion)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
