// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"github.com/picluster/tracing/molecule/lab/internal/build"
	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// Names of the built programs.
const (
	programMinio      = "minio"
	programKubernetes = "kubernetes"
	programServices   = "labservices"
	programNode       = "labnode"
	programCoreDNS    = "coredns"
	programTempo      = "tempo"
	programTraefik    = "traefik"
	programLoki       = "labloki"
)

// The API server reports its version to charts, so it must be set as in a release build.
const kubernetesVersion = "-X k8s.io/component-base/version.gitVersion=v1.34.4" +
	" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=34"

// With this tag MinIO's client for Google's store, which no lab uses, leaves out gRPC's xDS: an eighth of what there is to
// compile (cloud.google.com/go/storage v1.52.0, doc.go).
const minioTags = "disable_grpc_modules"

// ProgramsToBuild lists what has to be built for a lab, in that order.
func (l Lab) ProgramsToBuild() []build.Program {
	place := l.Folder
	minio, kubernetes := place.Source("servers", "minio"), place.Source("servers", "kubernetes")
	api := build.Program{Name: programKubernetes, Dir: kubernetes, Package: ".", LDFlags: kubernetesVersion, Inputs: []string{kubernetes}}
	if l.APIOnly {
		return []build.Program{api}
	}
	programs := []build.Program{
		{Name: programMinio, Dir: minio, Package: "github.com/minio/minio", Tags: minioTags, Inputs: []string{minio}}, api,
		{Name: programServices, Dir: place.Source(), Package: "./cmd/labservices", Inputs: []string{
			place.Source("go.mod"), place.Source("go.sum"), place.Source("cmd", "labservices"), place.Source("internal", "multicall"),
			place.Source("charts"), place.Source("grafana"),
			place.Source("internal", "charts"), place.Source("internal", "chartserver"), place.Source("internal", "runner"), place.Source("internal", "fakenode"),
			place.Source("internal", "images"), place.Source("internal", "folder"),
		}},
	}
	if !l.Pods {
		return l.needed(programs)
	}
	return l.needed(append(programs, podPrograms(place)...))
}

// podPrograms are the programs of a real node and of its images.
func podPrograms(place folder.Folder) []build.Program {
	tempo, coredns := place.Source("tempo"), place.Source("servers", "coredns")
	return []build.Program{
		{Name: programNode, Dir: place.Source(), Package: "./cmd/labnode", Inputs: []string{
			place.Source("go.mod"), place.Source("go.sum"), place.Source("cmd", "labnode"), place.Source("internal", "multicall"),
			place.Source("internal", "node"),
			place.Source("internal", "pods"), place.Source("internal", "folder"),
		}},
		{Name: programLoki, Dir: place.Source(), Package: "./cmd/labloki", Inputs: []string{
			place.Source("go.mod"), place.Source("go.sum"), place.Source("cmd", "labloki"), place.Source("loki"),
		}},
		{Name: programCoreDNS, Dir: coredns, Package: ".", Inputs: []string{coredns}},
		{Name: programTempo, Dir: tempo, Package: ".", Inputs: []string{tempo}},
	}
}
