// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/converge"
)

var _ converge.Telling = (*Module)(nil)

// Found tells the field of the access log also where the task fails for another
// reason: the link from a log line to its trace needs no more than that.
func (m *Module) Found() map[string]any {
	if m.field == "" {
		return nil
	}
	return map[string]any{"trace_id_field": m.field}
}

// traceIDField is the field of the Traefik that was found, "" when its version
// is not known or it writes none. No Tempo is needed to know it.
func traceIDField(args Args, found Found) string {
	if args.absent() {
		return ""
	}
	version, err := compat.TraefikFor(found.version(args.want()).Number)
	if err != nil {
		return ""
	}
	return version.TraceIDField
}
