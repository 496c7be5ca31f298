// SPDX-License-Identifier: AGPL-3.0-or-later

package secret_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/secret"
)

// What a server says is cut after secrets were hidden: half of one is not found.
func TestBrief(t *testing.T) {
	hide := &secret.Redactor{}
	hide.Add(secret.NewText("correct horse battery"))
	known := secret.WithRedactor(context.Background(), hide)
	pad := func(length int) string { return strings.Repeat("x", length) }
	for name, test := range map[string]struct {
		reason, said, shown string
		ctx                 context.Context
	}{
		"at the end":       {"the cut is within the secret", pad(30) + " correct horse battery", pad(30) + " VALUE_SPE", known},
		"over two lines":   {"a folded text, of which the first line would be shown", "no: correct horse\n  battery", "no: " + secret.Placeholder, known},
		"in base64":        {"wrapped as mails and YAML have it", "no: " + wrapped("Y29ycmVjdCBob3JzZSBiYXR0ZXJ5", 12), "no: " + secret.Placeholder, known},
		"one line":         {"the rest is for logs", "\n no: bad query\nat line 1", "no: bad query", known},
		"a character":      {"no half of one", pad(39) + "ä", pad(39), known},
		"a megabyte":       {"a page of a proxy", pad(1 << 20), pad(40), known},
		"without redactor": {"a package's own test", "no: correct horse", "no: correct horse", context.Background()},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.shown, secret.Brief(test.ctx, test.said, 40), test.reason)
		})
	}
}
