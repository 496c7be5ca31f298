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
)

// The API server tells its version to charts, so it must be set as in a release build.
const kubernetesVersion = "-X k8s.io/component-base/version.gitVersion=v1.34.4" +
	" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=34"

// Programs lists what has to be built, in that order.
func Programs(place folder.Folder) []build.Program {
	minio, kubernetes := place.Source("servers", "minio"), place.Source("servers", "kubernetes")
	return []build.Program{
		{Name: programMinio, Dir: minio, Package: "github.com/minio/minio", Inputs: []string{minio}},
		{Name: programKubernetes, Dir: kubernetes, Package: ".", LDFlags: kubernetesVersion, Inputs: []string{kubernetes}},
		{Name: programServices, Dir: place.Source(), Package: "./cmd/labservices", Inputs: []string{
			place.Source("go.mod"), place.Source("go.sum"), place.Source("cmd", "labservices"), place.Source("charts"), place.Source("grafana"),
			place.Source("internal", "charts"), place.Source("internal", "chartserver"), place.Source("internal", "runner"),
		}},
	}
}
