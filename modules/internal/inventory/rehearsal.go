// SPDX-License-Identifier: AGPL-3.0-or-later

package inventory

import (
	"context"
	"slices"
	"time"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/kube"
)

// Rehearsal is an install or an upgrade as a dry run: each object is sent as Helm 3 sends
// it, created where it is new and patched otherwise. So the API server sees the same
// requests under the same rights, and answers what it will answer then. A server-side
// apply would find conflicts with other field managers, and refuse unknown fields, where
// Helm does neither.
type Rehearsal struct {
	Cluster Cluster
	// Live is read already; what it lacks is read where it has to exist.
	Live Live
	// Release and Namespace are what Helm marks its objects with.
	Release, Namespace string
	// NoNamespace says that the namespace does not exist yet, so that nothing can be asked
	// about what it will hold.
	NoNamespace bool
	// InPlace says that no object is deleted in order to recreate it: what cannot be changed
	// in place is refused.
	InPlace bool
	// Before and After are the objects of the deployed revision and of the new one.
	Before, After []helm.Object
}

const (
	// rehearsalTimeout bounds a rehearsal.
	rehearsalTimeout = time.Minute
	// grace is what is left of it once a webhook does not answer, which makes each further
	// dry run last as long as that webhook's timeout and its retries.
	grace = 5 * time.Second
)

// Run sends the dry runs. Its error is a server that does not answer.
func (r Rehearsal) Run(ctx context.Context) (Verdict, error) {
	live, err := r.Live.index()
	if err != nil {
		return Verdict{}, err
	}
	limited, cancel := context.WithTimeout(ctx, rehearsalTimeout)
	defer cancel()
	answers := make([]answer, len(r.After))
	kube.Each(len(r.After), func(i int) {
		answers[i] = r.ask(limited, r.After[i], live[r.After[i].Path()])
		if err := answers[i].err; err != nil && fault.KindOf(err) == fault.Unreachable {
			time.AfterFunc(grace, cancel)
		}
	})
	if ctx.Err() != nil {
		return Verdict{}, fault.During("check the objects of release "+r.Release, ctx.Err())
	}
	return r.verdict(answers, limited.Err() != nil)
}

// verdict sorts the answers. Once the time is over, requests that were cut off say nothing
// about their objects, unless none was answered.
func (r Rehearsal) verdict(answers []answer, over bool) (v Verdict, err error) {
	over = over && slices.ContainsFunc(answers, answer.given)
	for i, a := range answers {
		shown := kube.Redacted(r.After[i].Content, a.err)
		switch {
		case a.recreation != nil:
			v.Recreate = append(v.Recreate, *a.recreation)
		case a.err == nil:
		case over && !a.given():
			v.Unasked = append(v.Unasked, shown)
		case a.local:
			v.Refused = append(v.Refused, shown)
		case !v.take(a.err, shown):
			return Verdict{}, a.err
		}
	}
	return v, nil
}
