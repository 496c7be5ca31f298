// SPDX-License-Identifier: AGPL-3.0-or-later

package tempobudget

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// Options are the rows behind Config.
func Options() []option.Option {
	return []option.Option{
		{Name: "store_budget", Type: option.Text, Since: "1.1.0", Check: tempochart.Quantity, Doc: []string{
			"How much room Tempo's blocks may take in the object storage, as a quantity of Kubernetes such as V(20Gi). Each run reads their size and how fast they grow, with the login of O(s3) from the host that runs the task, and sets how long traces are kept so that nine tenths of it are used.",
			"O(retention) is the most that it sets, 720h without it. A difference of less than a tenth changes nothing. Until there is an hour of blocks, and where the object storage cannot be read, what is set stays; a budget below the size of one block is refused.",
		}},
		{Name: "store_budget_floor", Type: option.Text, Since: "1.1.0", Default: "24h", Check: tempochart.Duration, Doc: []string{
			"The shortest that O(store_budget) lets traces be kept. Where the blocks of this time do not fit, it stays at this, and a warning says how much they take."}},
	}
}

// Validate checks the options against each other, and against those about the
// traces.
func (c Config) Validate(traces tempochart.Config) error {
	if !c.Set() {
		return nil
	}
	if traces.Local() {
		return fault.New(fault.Usage, "leave it out and set retention, or give an S3 store in s3 (minio_endpoint in the role)",
			"store_budget has no effect with storage: local, by which traces are kept on a volume: it reads blocks in an object storage")
	}
	if most := hours(traces.Retention, longest); c.floor() > most {
		return fault.New(fault.Usage, "make it shorter", "store_budget_floor %s is longer than traces are kept at most, %s", text(c.floor()), text(most))
	}
	return nil
}
