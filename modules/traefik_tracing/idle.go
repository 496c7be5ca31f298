// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// idle refuses options that Traefik v2 cannot carry out.
func (t target) idle() error {
	if t.version.Export != compat.Zipkin {
		return nil
	}
	var names []string
	for name, set := range map[string]bool{
		"protocol":            t.Protocol == "grpc",
		"resource_attributes": len(t.ResourceAttributes) > 0,
		"propagators":         !slices.Contains(t.Propagators, "b3multi"),
	} {
		if set {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return fault.New(fault.Unsupported, "leave it out, or upgrade to Traefik v3",
		"Traefik %s sends by Zipkin over HTTP with B3 headers and no attributes: %s would have no effect", t.number, strings.Join(names, ", "))
}

// tellIdle warns of options of Traefik v2 that v3 does not know. They are no
// error, since k3s moves a Traefik from v2 to v3 by itself.
func (t target) tellIdle(steps *plan.Plan) {
	if t.version.Export == compat.Zipkin || t.SameSpan && t.ID128Bit {
		return
	}
	steps.Warn("Traefik %s does not know same_span and id_128bit, which are for v2: they have no effect", t.number)
}
