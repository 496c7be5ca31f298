// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"context"
	"time"
)

// lease is the name of the Lease that a run holds while it works on the release.
func (a Args) lease() string { return "picluster-tracing-" + a.Release }

// holder asks who works on a release that is underway.
func (m *Module) holder(ctx context.Context, have *State) (err error) {
	have.Read = time.Now()
	if !have.Release.Status.Underway() {
		return nil
	}
	have.Holder, err = m.clients.Holder(ctx, have.args.Namespace, have.args.lease())
	return err
}
