// SPDX-License-Identifier: AGPL-3.0-or-later

package fault

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJoin(t *testing.T) {
	down := errors.New("the webhook is down")
	cases := map[string]struct {
		reason     string
		all        []error
		text, hint string
		kind       Kind
	}{
		"one":            {"it stays as it is", []error{Wrap(Denied, "ask", "create a", down)}, "create a: the webhook is down", "ask", Denied},
		"several causes": {"each has its words and its hint", []error{Wrap(Denied, "ask", "create a", down), Wrap(Rejected, "correct it", "create b", errors.New("wrong"))}, "create a: the webhook is down; create b: wrong", "ask; correct it", Denied},
		"one cause":      {"thirty objects and one webhook are no thirty causes", []error{Wrap(Denied, "ask", "create a", down), New(Usage, "", "wrong"), Wrap(Denied, "ask", "create b", down)}, "create a, create b: the webhook is down; wrong", "ask", Denied},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := Join(test.all)
			require.EqualError(t, err, test.text, test.reason)
			require.Equal(t, test.hint, HintOf(err), test.reason)
			require.Equal(t, test.kind, KindOf(err))
		})
	}
	require.NoError(t, Join(nil))
}
