// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "context"

type learner struct{}

// WithRedactor returns a context in which Learn finds the redactor of a run.
func WithRedactor(ctx context.Context, hide *Redactor) context.Context {
	return context.WithValue(ctx, learner{}, hide)
}

// Learn makes the redactor of a run know secrets that are no options: those in
// the values of a release, in a manifest, or on a server. Without a redactor in
// the context it does nothing. It may be called from several goroutines.
func Learn(ctx context.Context, secrets ...Text) {
	if hide, given := ctx.Value(learner{}).(*Redactor); given {
		hide.Add(secrets...)
	}
}
