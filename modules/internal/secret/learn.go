// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"context"
	"strings"
)

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

// Hide is Redactor.Text of the redactor of a run: for texts that leave the program
// another way than in its result. Without a redactor in the context the text is
// returned as it is.
func Hide(ctx context.Context, text string) string {
	if hide, given := ctx.Value(learner{}).(*Redactor); given {
		return hide.Text(text)
	}
	return text
}

// most is how many bytes of a server's words are searched for secrets before they
// are cut.
const most = 64 << 10

// Brief is the first line of what a server said, at most length bytes of it. Secrets
// are hidden before it is cut: half a secret would not be found.
func Brief(ctx context.Context, text string, length int) string {
	text = strings.TrimSpace(text)
	line, _, _ := strings.Cut(Hide(ctx, text[:min(len(text), most+length)]), "\n")
	return strings.ToValidUTF8(line[:min(len(line), length)], "")
}
