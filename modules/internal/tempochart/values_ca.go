// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
)

// mountCA mounts the CA of the object storage into a component's pods; container
// and pod are the places of its values, which are one but for the chart tempo.
func (c Composer) mountCA(values map[string]any, container, pod []string) {
	if c.CA.Secret == "" {
		return
	}
	const volume = "s3-ca"
	helm.Set(values, []any{map[string]any{"name": volume, "secret": map[string]any{"secretName": c.CA.Secret}}}, in(pod, "extraVolumes")...)
	helm.Set(values, []any{map[string]any{"name": volume, "mountPath": caFolder, "readOnly": true}}, in(container, "extraVolumeMounts")...)
	if !c.namesCA() {
		helm.Set(values, []any{map[string]any{"name": certificateFolders, "value": caFolder}}, in(container, "extraEnv")...)
	}
}

// certificateFolders names the folders whose certificates a Go program trusts
// beside the file of the system (go1.18 crypto/x509/root_unix.go). It is the way
// for a Tempo whose configuration has no place for a CA.
const certificateFolders = "SSL_CERT_DIR"

// namesCA reports whether Tempo's configuration names the CA.
func (c Composer) namesCA() bool {
	return compat.TempoHas(compat.Tempo, compat.TLSKeys, c.tempo())
}

func in(place []string, key string) []string { return append(append([]string{}, place...), key) }
