// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
)

// planMove refuses a move that would lose spans, and tells what one that does
// not will do.
func planMove(p *plan.Plan, spec Spec, status Status) error {
	if status.Move == nil {
		return nil
	}
	for _, check := range []func(Spec, Status) error{noWayBack, unreadable, atomicMove, deafHolders} {
		if err := check(spec, status); err != nil {
			return err
		}
	}
	if move := *status.Move; move.is() || move.FromChart != move.ToChart {
		warnMove(p, spec, move)
	}
	return nil
}

// noWayBack refuses what Tempo 3 has no way for.
func noWayBack(spec Spec, status Status) error {
	move := *status.Move
	if compat.Major(move.From) < 3 || compat.Major(move.To) >= 3 || compat.Major(move.To) < 0 {
		return nil
	}
	return fault.New(fault.Unsupported, "stay with Tempo 3 (chart_version: "+status.Release.Chart.Version+"), or install Tempo "+move.To+" under another release_name and with a bucket of its own",
		"release %s: there is no way back from Tempo %s to %s: what Tempo 3 keeps outside the object storage Tempo 2 does not look for, and its blocks hold one copy of each span where Tempo 2 counts on several",
		spec.Release, move.From, move.To)
}

// unreadable refuses a Tempo that would not find what is stored, with the way
// that does.
func unreadable(spec Spec, status Status) error {
	move := *status.Move
	if spec.Migrate == migrateLossy || compat.ReadsBlocksOf(move.To, move.From) {
		return nil
	}
	hint := "set migrate: lossy to go on without the traces that are stored"
	if steps := compat.StepsBetween(move.From, move.To); len(steps) > 0 {
		hint = fmt.Sprintf("go by Tempo %s, and stay with each until all blocks are its own, which is after the retention; or %s", strings.Join(steps, ", then "), hint)
	}
	return fault.New(fault.Unsupported, hint, "release %s: Tempo %s does not read the blocks that Tempo %s stores (%s): every trace until now would be gone",
		spec.Release, move.To, move.From, compat.WrittenBy(move.From))
}

// atomicMove refuses to promise a way back that there is not.
func atomicMove(spec Spec, status Status) error {
	move := *status.Move
	if !spec.Atomic || !move.crossesInto3() || compat.Major(move.From) < 0 {
		return nil
	}
	return fault.New(fault.Unsupported, "set atomic: false for this upgrade; when it fails, correct what is wrong and run again",
		"release %s: atomic would put Tempo %s back over what Tempo %s has written already", spec.Release, move.From, move.To)
}

// deafHolders refuses a move whose spans cannot be brought into the object
// storage first.
func deafHolders(spec Spec, status Status) error {
	if status.Move.is() && status.PodsHidden != nil && spec.Migrate != migrateLossy {
		return fault.As(fault.Denied, "give this user the right to list pods, or set migrate: lossy, which loses what they hold",
			fmt.Sprintf("release %s: which pods hold spans that the move from Tempo %s to %s would lose cannot be told", spec.Release, status.Move.From, status.Move.To), status.PodsHidden)
	}
	for _, holder := range status.Move.Holders {
		if holder.Deaf == nil || spec.Migrate == migrateLossy {
			continue
		}
		return fault.As(fault.KindOf(holder.Deaf), fmt.Sprintf(
			"make the pod answer; or bring its spans into the object storage by hand (kubectl -n %s port-forward %s %d, then POST /flush and /shutdown there) and set migrate: lossy, which goes on without asking",
			spec.Namespace, holder.Pod, holder.Port),
			fmt.Sprintf("release %s: what pod %s holds would be lost by the move from Tempo %s to %s", spec.Release, holder.Pod, status.Move.From, status.Move.To), holder.Deaf)
	}
	return nil
}

// warnMove tells what the move will do.
func warnMove(p *plan.Plan, spec Spec, move Move) {
	stored := "blocks in the object storage (" + compat.WrittenBy(move.From) + ") stay readable"
	if !compat.ReadsBlocksOf(move.To, move.From) {
		stored = "every trace that is stored (" + compat.WrittenBy(move.From) + ") is found no longer"
	}
	back := "the way back is the same move the other way"
	if move.crossesInto3() {
		back = "there is no way back to Tempo 2"
	}
	p.Warn("moving from Tempo %s (chart %s) to Tempo %s (chart %s): %s; %s; %s", move.From, move.FromChart, move.To, move.ToChart, stored, move.held(spec), back)
}

// held says what becomes of the spans that are not stored yet.
func (m Move) held(spec Spec) string {
	var names []string
	for _, holder := range m.Holders {
		names = append(names, holder.Pod)
	}
	switch {
	case compat.Major(m.From) >= 3:
		return "spans of the last minute that the live store has not stored yet are lost"
	case len(names) == 0:
		return "no pod holds spans that are not stored"
	case spec.Migrate == migrateLossy:
		return "migrate: lossy: WHAT " + strings.Join(names, ", ") + " HOLD IN MEMORY AND IN THE WRITE-AHEAD LOG IS LOST, up to the last 30 minutes of spans"
	}
	return fmt.Sprintf("%s hold spans in memory and in the write-ahead log, which are brought into the object storage first, for at most %s; "+
		"from then until the new pods are ready no spans are taken, and clients have to send them again", strings.Join(names, ", "), spec.WaitTimeout)
}
