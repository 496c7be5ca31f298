// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"

	"github.com/picluster/tracing/modules/internal/grafana"
)

// readAPI reads what Grafana has.
func (c *client) readAPI(ctx context.Context, spec Spec, status *Status) error {
	if err := c.grafana.PickOrg(ctx); err != nil {
		return err
	}
	return c.find(ctx, spec, status)
}

// read reads a data source with the digests of its secrets; nil is none.
func (c *client) read(ctx context.Context, uid string) (*grafana.Source, error) {
	found, err := c.grafana.Source(ctx, uid)
	if err != nil {
		return nil, err
	}
	return found, recall(c.digests, found)
}

// find looks by uid, and only where that does not settle it through the list.
func (c *client) find(ctx context.Context, spec Spec, status *Status) error {
	found, err := c.read(ctx, spec.likelyUID())
	if err != nil {
		return err
	}
	if found == nil && spec.absent() && spec.UID != "" {
		return nil
	}
	if found != nil && spec.needsNoList(found) {
		status.Source = found
		return nil
	}
	all, err := c.grafana.Sources(ctx)
	if err != nil {
		return err
	}
	return c.pick(ctx, spec, status, found, all)
}

// needsNoList reports that nothing else has to be known: not who else has the name,
// nor which one is the default.
func (s Spec) needsNoList(found *grafana.Source) bool {
	return !s.claimsDefault(found) && (s.Name == "" || found.Name == s.Name || s.absent() && s.UID != "")
}

// claimsDefault reports that the task makes it the default and it is not yet.
func (s Spec) claimsDefault(found *grafana.Source) bool {
	return s.IsDefault != nil && *s.IsDefault && (found == nil || !found.IsDefault)
}

// pick chooses from the list. Only a uid that the task itself gives outweighs
// the name.
func (c *client) pick(ctx context.Context, spec Spec, status *Status, found *grafana.Source, all []*grafana.Source) (err error) {
	byName := named(all, spec.Name)
	switch {
	case found != nil && (spec.UID != "" || found.Name == spec.Name):
		status.Source = found
	case spec.UID == "" && byName != nil:
		status.Source, err = c.read(ctx, byName.UID)
	}
	if byName != nil && (status.Source == nil || status.Source.UID != byName.UID) {
		status.Namesake = byName
	}
	for _, other := range all {
		if other.IsDefault && (status.Source == nil || other.UID != status.Source.UID) {
			status.Default = other.Name
		}
	}
	status.UIDTaken = found != nil && status.Source == nil
	return err
}

func named(all []*grafana.Source, name string) *grafana.Source {
	for _, source := range all {
		if source.Name == name && name != "" {
			return source
		}
	}
	return nil
}
