// SPDX-License-Identifier: AGPL-3.0-or-later

// Package rollout reports whether a controller has done what the spec of an object
// asks for and, if not, why, and whether it ever will.
package rollout

import (
	"fmt"

	"github.com/picluster/tracing/modules/internal/fault"
)

// State is how far a rollout is: one of a fixed set of words.
type State string

// The states.
const (
	// Done means as far as the object's own update strategy goes: a partition,
	// or OnDelete, leaves pods of an older template in place.
	Done State = "done"
	// InProgress may become done by itself.
	InProgress State = "in progress"
	// Held continues as soon as somebody resumes it: the object's own spec pauses
	// or suspends it.
	Held State = "held"
	// Failed never becomes done.
	Failed State = "failed"
)

// Reason is why a rollout is not done: one of a fixed set of words.
type Reason string

// The reasons. Those with numbers have them in Status.Have and Status.Want.
const (
	Absent       Reason = "absent"       // there is no such object yet
	Unobserved   Reason = "unobserved"   // its controller has not seen the change
	Outdated     Reason = "outdated"     // Have of Want pods are of the newest template
	Replaced     Reason = "replaced"     // Have pods of an older template are terminating
	Surplus      Reason = "surplus"      // Have pods more than wanted are terminating
	Unavailable  Reason = "unavailable"  // Have of Want pods are available
	Unready      Reason = "unready"      // Have of Want pods are ready
	Unfinished   Reason = "unfinished"   // Have of Want pods have succeeded
	Unmet        Reason = "unmet"        // a condition or phase is not met, as Message says
	Paused       Reason = "paused"       // spec.paused of a Deployment
	Suspended    Reason = "suspended"    // spec.suspend of a Job
	Unsuccessful Reason = "unsuccessful" // it has failed, as Message says
	Lost         Reason = "lost"         // the volume of a claim no longer exists
)

// Status is the answer.
type Status struct {
	State State
	// Reason is "" for Done.
	Reason     Reason
	Have, Want int32
	// Message is what Kubernetes itself says about it, or "".
	Message string
}

// Done reports whether the rollout has succeeded.
func (s Status) Done() bool { return s.State == Done }

// String says in a few words what is missing: "2/3 updated". It is "" for Done.
func (s Status) String() string {
	switch s.Reason {
	case Absent:
		return "does not exist yet"
	case Unobserved:
		return "its controller has not seen the change"
	case Unfinished:
		return "not Complete"
	case Paused:
		return "it is paused"
	case Suspended:
		return "it is suspended"
	case Unsuccessful:
		return "it has failed: " + s.Message
	case Lost:
		return "its volume is lost"
	default:
	}
	if s.Message != "" {
		return s.Message
	}
	return s.numbers()
}

func (s Status) numbers() string {
	switch s.Reason {
	case Outdated:
		return fmt.Sprintf("%d/%d updated", s.Have, s.Want)
	case Replaced:
		return fmt.Sprintf("%d old replicas are pending termination", s.Have)
	case Surplus:
		return fmt.Sprintf("%d surplus replicas are pending termination", s.Have)
	case Unavailable:
		return fmt.Sprintf("%d/%d available", s.Have, s.Want)
	case Unready:
		return fmt.Sprintf("%d/%d ready", s.Have, s.Want)
	default:
		return ""
	}
}

// Err is why waiting is pointless, after what was being done, and nil if it is
// not: its kind is Conflict if the rollout is held, and Rejected if it has
// failed.
func (s Status) Err(doing string) error {
	switch {
	case s.Reason == Paused:
		return fault.New(fault.Conflict, "resume it with: kubectl rollout resume", "%s: %s", doing, s)
	case s.State == Held:
		return fault.New(fault.Conflict, "set its spec.suspend to false", "%s: %s", doing, s)
	case s.State == Failed:
		return fault.New(fault.Rejected, "look at its events and logs", "%s: %s", doing, s)
	}
	return nil
}
