// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempobudget keeps Tempo's blocks within a size: it reads how much space
// they take and how fast they grow, and chooses the retention accordingly.
package tempobudget

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/minio"
	"github.com/picluster/tracing/modules/internal/plan"
)

// Config is the budget: it is filled by its json tags.
type Config struct {
	// Budget is a quantity of Kubernetes, "" for none.
	Budget string `json:"store_budget"`
	// Floor is the shortest retention that a budget leads to, a Go duration.
	Floor string `json:"store_budget_floor"`
}

// Store tells how much room the blocks take.
type Store interface {
	Usage(ctx context.Context, bucket, prefix string) (minio.Usage, error)
}

// Decision is how long traces are to be kept.
type Decision struct {
	// Retention is a Go duration, "" for what the options say.
	Retention string
	// Warning says why the budget is not kept, "" where it is.
	Warning string
	// Refusal is why no retention can keep it.
	Refusal error
}

// Blocks are deleted some time after they expire, and the rate changes between two
// runs: only this part of the budget is planned, and a difference of less than step
// changes nothing.
const (
	planned = 0.9
	step    = 0.1
)

// youngest is how old the oldest block has to be for the rate to be known.
const youngest = time.Hour

// longest is the retention where the options name none and the budget has room.
const longest = 30 * 24 * time.Hour

// Decide finds the retention with which the blocks fit. Current is the one that is
// set, "" for none; wanted is that of the options, which is never exceeded.
func (c Config) Decide(used minio.Usage, current, wanted string, now time.Time) Decision {
	budget := c.bytes()
	if used.Largest > budget {
		return Decision{Refusal: fault.New(fault.Unsupported, "give store_budget more room, or leave it out and set retention",
			"store_budget %s is less than one block of Tempo's, the largest of which has %s", c.Budget, size(used.Largest))}
	}
	most := hours(wanted, longest)
	age := now.Sub(used.Since)
	if used.Blocks == 0 || age < youngest {
		return Decision{Retention: text(min(hours(current, most), most))}
	}
	perHour := float64(used.Bytes) / age.Hours()
	fits := time.Duration(planned*float64(budget)/perHour) * time.Hour
	if planned*float64(budget)/perHour >= most.Hours() {
		fits = most
	}
	if fits < c.floor() {
		return Decision{Retention: text(min(c.floor(), most)), Warning: fmt.Sprintf(
			"store_budget %s holds only %s of traces at the current rate of %s a day; they are kept for store_budget_floor, %s, which takes about %s",
			c.Budget, text(fits), size(int64(perHour*24)), text(c.floor()), size(int64(perHour*c.floor().Hours())))}
	}
	return Decision{Retention: text(steady(fits, hours(current, 0), most))}
}

// steady keeps what is set where the difference is small.
func steady(fits, current, most time.Duration) time.Duration {
	if apart := (fits - current).Abs(); current <= most && float64(apart) <= step*float64(current) {
		return current
	}
	return fits
}

// Plan warns or refuses where the budget is not kept.
func (d Decision) Plan(p *plan.Plan) error {
	if d.Warning != "" {
		p.Warn("%s", d.Warning)
	}
	return d.Refusal
}

// Hidden is the decision where the blocks could not be read: what is set
// stays.
func (c Config) Hidden(err error, current, wanted string) Decision {
	most := hours(wanted, longest)
	return Decision{Retention: text(min(hours(current, most), most)), Warning: fmt.Sprintf(
		"store_budget %s: the object storage could not be read, so the retention stays as it is: %v", c.Budget, err)}
}

// Set reports whether there is a budget.
func (c Config) Set() bool { return c.Budget != "" }

func (c Config) floor() time.Duration { return hours(c.Floor, 0) }

func (c Config) bytes() int64 {
	budget, err := resource.ParseQuantity(c.Budget)
	if err != nil {
		return 0 // the option's table refuses it
	}
	return budget.Value()
}

// hours reads a retention; without one, or for what is not a duration, it is otherwise.
func hours(retention string, otherwise time.Duration) time.Duration {
	if found, err := time.ParseDuration(retention); err == nil {
		return found
	}
	return otherwise
}

// text writes a retention in Go's own form without what is zero.
func text(retention time.Duration) string {
	if retention%time.Hour == 0 {
		return fmt.Sprintf("%dh", int(retention.Hours()))
	}
	return retention.String()
}

// size writes bytes for people.
func size(bytes int64) string {
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}
