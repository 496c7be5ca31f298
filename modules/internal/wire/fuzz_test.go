// SPDX-License-Identifier: AGPL-3.0-or-later

package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Ansible sends is read or refused, and a refusal never quotes it.
func FuzzReadRequest(f *testing.F) {
	for _, seed := range []string{`{"_ansible_module_name":"a.b.tempo_helm","_ansible_check_mode":true,"x":1e400}`, `{"a":NaN}`, `{}`, `null`, `[`, `{"_ansible_verbosity":"3","_ansible_diff":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		request, err := ReadRequest(strings.NewReader(text))
		if err != nil {
			require.EqualError(t, err, "read the arguments: they are not one JSON object")
			return
		}
		require.NotNil(t, request.Options)
		require.NotContains(t, request.Module, ".")
	})
}
