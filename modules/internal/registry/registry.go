// SPDX-License-Identifier: AGPL-3.0-or-later

// Package registry knows every module by its name in Ansible.
package registry

import (
	"github.com/picluster/tracing/modules/internal/converge"
	bucket "github.com/picluster/tracing/modules/minio_tempo_bucket"
)

// Modules maps a module's short name to what makes one for a run.
var Modules = map[string]func() converge.Runner{
	"minio_tempo_bucket": func() converge.Runner { return converge.Adapt(bucket.New()) },
}
