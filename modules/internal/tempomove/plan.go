// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Plan refuses a move that would lose spans, and tells what one that does not
// will do. Without a move there is nothing to tell.
func (m *Move) Plan(p *plan.Plan) error {
	if m == nil {
		return nil
	}
	for _, check := range []func() error{m.noWayBack, m.unreadable, m.unreadableBlocks, m.atomic, m.unreachableHolders} {
		if err := check(); err != nil {
			return err
		}
	}
	if m.is() || m.FromChart != m.ToChart {
		m.warn(p)
	}
	return nil
}

// noWayBack refuses what Tempo 3 has no way for.
func (m *Move) noWayBack() error {
	if compat.Major(m.From) < 3 || compat.Major(m.To) >= 3 || compat.Major(m.To) < 0 {
		return nil
	}
	return fault.New(fault.Unsupported, "stay with Tempo 3 (chart_version: "+m.FromVersion+"), or install Tempo "+m.To+" under another release_name and with a bucket of its own",
		"release %s: there is no way back from Tempo %s to %s: what Tempo 3 keeps outside the object storage Tempo 2 does not look for, and its blocks hold one copy of each span where Tempo 2 counts on several",
		m.Release.Name, m.From, m.To)
}

// unreadable refuses a Tempo that would not find what is stored, with the way
// that does.
func (m *Move) unreadable() error {
	if m.lossy() || compat.ReadsBlocksOf(m.To, m.From) {
		return nil
	}
	hint := "set migrate: lossy to go on without the traces that are stored"
	if steps := compat.StepsBetween(m.From, m.To); len(steps) > 0 {
		hint = fmt.Sprintf("upgrade by way of Tempo %s, and stay on each until all blocks are its own, which is after the retention; or %s", strings.Join(steps, ", then "), hint)
	}
	return fault.New(fault.Unsupported, hint, "release %s: Tempo %s does not read the blocks that Tempo %s stores (%s): all traces so far would be lost",
		m.Release.Name, m.To, m.From, compat.WrittenBy(m.From))
}

// atomic refuses to promise a way back that there is not.
func (m *Move) atomic() error {
	if !m.Release.Atomic || !m.crossesInto3() || compat.Major(m.From) < 0 {
		return nil
	}
	return fault.New(fault.Unsupported, "set atomic: false for this upgrade; when it fails, correct what is wrong and run again",
		"release %s: atomic would put Tempo %s back over what Tempo %s has written already", m.Release.Name, m.From, m.To)
}

// unreachableHolders refuses a move whose spans cannot be brought into the object
// storage first.
func (m *Move) unreachableHolders() error {
	if m.is() && m.Hidden != nil && !m.lossy() {
		return fault.Wrap(fault.Denied, "give this user the right to list pods, or set migrate: lossy, which loses what they hold",
			fmt.Sprintf("release %s: which pods hold spans that the move from Tempo %s to %s would lose cannot be told", m.Release.Name, m.From, m.To), m.Hidden)
	}
	for _, holder := range m.Holders {
		if holder.Unreachable == nil || m.lossy() {
			continue
		}
		return fault.Wrap(fault.KindOf(holder.Unreachable), fmt.Sprintf(
			"make the pod answer; or bring its spans into the object storage by hand (kubectl -n %s port-forward %s %d, then POST /flush and /shutdown there) and set migrate: lossy, which goes on without asking",
			m.Release.Namespace, holder.Pod, holder.Port),
			fmt.Sprintf("release %s: what pod %s holds would be lost by the move from Tempo %s to %s", m.Release.Name, holder.Pod, m.From, m.To), holder.Unreachable)
	}
	return nil
}

// warn tells what the move will do.
func (m *Move) warn(p *plan.Plan) {
	back := "the way back is the same move the other way"
	if m.crossesInto3() {
		back = "there is no way back to Tempo 2"
	}
	p.Warn("moving from Tempo %s (chart %s) to Tempo %s (chart %s): %s; %s; %s", m.From, m.FromChart, m.To, m.ToChart, m.stored(), m.held(), back)
}

// held says what becomes of the spans that are not stored yet.
func (m *Move) held() string {
	var names []string
	for _, holder := range m.Holders {
		names = append(names, holder.Pod)
	}
	switch {
	case compat.Major(m.From) >= 3:
		return "spans of the last minute that the live store has not stored yet are lost"
	case len(names) == 0:
		return "no pod holds spans that are not stored"
	case m.lossy():
		return "migrate: lossy: WHAT " + strings.Join(names, ", ") + " HOLD IN MEMORY AND IN THE WRITE-AHEAD LOG IS LOST, up to the last 30 minutes of spans"
	}
	return fmt.Sprintf("%s hold spans in memory and in the write-ahead log, which are brought into the object storage first, for at most %s; "+
		"from then until the new pods are ready no spans are taken, and clients have to send them again; "+
		"traces of the last 15 minutes before the move are found by ID at once, by search when they are older than that", strings.Join(names, ", "), m.Release.Timeout)
}
