// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Any answer of Loki, or of a proxy in front of it, gives lines or an error.
func FuzzAnswersOfLoki(f *testing.F) {
	f.Add(200, `{"data":{"resultType":"streams","result":[{"stream":{"app":"traefik"},"values":[["1","x"],["y"],[],["9223372036854775808","z",{}]]}]}}`)
	f.Add(200, `{"data":{"resultType":"matrix"}}`)
	f.Add(200, `<html>`)
	f.Add(502, `Bad Gateway`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		get := func(context.Context, string, url.Values) (int, []byte, error) { return status, []byte(body), nil }
		found, err := Lines(t.Context(), get, "{}", time.Time{}, time.Time{}, 5)
		if err != nil {
			require.Empty(t, found)
		}
		if status != http.StatusOK {
			require.Error(t, err)
		}
	})
}
