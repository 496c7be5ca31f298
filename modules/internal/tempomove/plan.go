// SPDX-License-Identifier: AGPL-3.0-or-later

package tempomove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/tempomode"
)

// Plan refuses a move that would lose spans, and warns about what another one
// will do. Without a move there is nothing to say.
func (m *Move) Plan(p *plan.Plan) error {
	if m == nil {
		return nil
	}
	for _, check := range []func() error{m.refuseDowngrade, m.refuseUnreadable, m.refuseUnreadableBlocks, m.refuseAtomic, m.refuseUnreachable} {
		if err := check(); err != nil {
			return err
		}
	}
	if m.needsDrain() || m.FromChart != m.ToChart {
		m.warn(p)
	}
	return nil
}

// refuseDowngrade refuses a downgrade from Tempo 3.
func (m *Move) refuseDowngrade() error {
	if compat.Later(m.From, m.To) == m.To || !m.irreversible() {
		return nil
	}
	return fault.New(fault.Unsupported, "stay with Tempo 3 (chart_version: "+m.FromVersion+"), or install Tempo "+m.To+" under another release_name and with a bucket of its own",
		"release %s: there is no way back from Tempo %s to %s: what Tempo 3 keeps outside the object storage Tempo 2 does not look for, and its blocks hold one copy of each span where Tempo 2 counts on several",
		m.Release.Name, m.From, m.To)
}

// irreversible reports whether nothing leads back over a boundary on the way.
func (m *Move) irreversible() bool {
	return slices.ContainsFunc(m.crossings(), func(c compat.Crossing) bool { return !c.Back })
}

// refuseUnreadable refuses a Tempo that would not find what is stored, with the way
// that does.
func (m *Move) refuseUnreadable() error {
	if m.lossy() || compat.ReadsBlocksOf(m.To, m.From) {
		return nil
	}
	hint := "set migrate: lossy to go on without the traces that are stored"
	if steps := m.steps(); len(steps) > 1 {
		hint = fmt.Sprintf("run with each of these in turn (the role's variables begin with tempo_), and stay with each until all blocks are its own, which is after the retention: %s; or %s",
			strings.Join(steps, "; "), hint)
	}
	return fault.New(fault.Unsupported, hint, "release %s: Tempo %s does not read the blocks that Tempo %s stores (%s): all traces so far would be lost",
		m.Release.Name, m.To, m.From, compat.WrittenBy(m.From))
}

// steps are the runs that lead to the new version, each with what to set.
func (m *Move) steps() (steps []string) {
	for _, stop := range compat.StepsBetween(m.From, m.To) {
		set := fmt.Sprintf("chart_version: %s and image_tag: %s", m.FromVersion, stop)
		if proven, ok := compat.ProvenWith(m.FromChart, stop); ok {
			set, stop = "chart_version: "+proven.Version, proven.Tempo
		}
		steps = append(steps, fmt.Sprintf("%d. %s (Tempo %s)", len(steps)+1, set, stop))
	}
	return append(steps, fmt.Sprintf("%d. mode: %s and chart_version: %s (Tempo %s)", len(steps)+1, tempomode.Of(m.ToChart), m.ToVersion, m.To))
}

// refuseAtomic refuses to promise a rollback that is not possible.
func (m *Move) refuseAtomic() error {
	if !m.Release.Atomic || len(m.crossings()) == 0 || compat.Later(m.From, m.To) != m.To {
		return nil
	}
	return fault.New(fault.Unsupported, "set atomic: false for this upgrade; when it fails, correct what is wrong and run again",
		"release %s: atomic would put Tempo %s back over what Tempo %s has written already", m.Release.Name, m.From, m.To)
}

// refuseUnreachable refuses a move whose spans cannot be brought into the object
// storage first, unless the new pods read most of them by themselves.
func (m *Move) refuseUnreachable() error {
	if m.replays() {
		return nil
	}
	if m.needsDrain() && m.Hidden != nil && !m.lossy() {
		return fault.Wrap(fault.Denied, "give this user the right to list pods, or set migrate: lossy, which loses what they hold",
			fmt.Sprintf("release %s: which pods hold spans that the move from Tempo %s to %s would lose is unknown", m.Release.Name, m.From, m.To), m.Hidden)
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
	p.Warn("moving from Tempo %s (chart %s) to Tempo %s (chart %s): %s; %s; %s", m.From, m.FromChart, m.To, m.ToChart, m.describeBlocks(), m.describeSpans(), m.describeRollback())
}

// describeRollback says how to go back.
func (m *Move) describeRollback() string {
	switch {
	case m.irreversible():
		return fmt.Sprintf("there is no way back to Tempo %d", compat.Major(m.From))
	case !compat.ReadsBlocksOf(m.From, m.To):
		return fmt.Sprintf("there is no way back, since Tempo %s does not read what Tempo %s stores (%s)", m.From, m.To, compat.WrittenBy(m.To))
	}
	return "the way back is the same move the other way"
}

// describeSpans says what becomes of the spans that are not stored yet.
func (m *Move) describeSpans() string {
	names, out := m.holderNames()
	switch {
	case compat.Major(m.From) >= 3:
		return "spans of the last minute that the live store has not stored yet are lost"
	case m.Hidden != nil && m.replays():
		return fmt.Sprintf("it is unknown which pods hold spans (%v), so nothing is flushed first: %s may be lost", m.Hidden, m.replayLoss())
	case len(m.Holders) == 0:
		return "no pod holds spans that are not stored"
	case m.lossy() && m.replays():
		return "migrate: lossy: " + m.replayLoss() + " of " + names + " may be LOST"
	case m.lossy():
		return "migrate: lossy: WHAT " + names + " HOLD IN MEMORY AND IN THE WRITE-AHEAD LOG IS LOST, up to the last 30 minutes of spans"
	case out != nil:
		return fmt.Sprintf("pod %s cannot be asked to store what it holds first (%v): %s may be lost", out.Pod, out.Unreachable, m.replayLoss())
	}
	return fmt.Sprintf("%s hold spans in memory and in the write-ahead log, which are brought into the object storage first, for at most %s; "+
		"from then until the new pods are ready no spans are taken, and clients have to send them again; "+
		"traces of the last 15 minutes before the move are found by ID at once, by search when they are older than that", names, m.Release.Timeout)
}

// replayLoss says what a crossing that replays the write-ahead log loses of it.
func (m *Move) replayLoss() string {
	for _, crossing := range m.crossings() {
		return crossing.Loses
	}
	return ""
}

// holderNames are the names of the pods that hold spans, and the first of them that
// cannot be asked, nil when all can.
func (m *Move) holderNames() (names string, out *Holder) {
	var all []string
	for i, holder := range m.Holders {
		all = append(all, holder.Pod)
		if holder.Unreachable != nil && out == nil {
			out = &m.Holders[i]
		}
	}
	return strings.Join(all, ", "), out
}
