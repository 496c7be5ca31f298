// SPDX-License-Identifier: AGPL-3.0-or-later

package s3secret

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

func TestChecksumDependsOnTheSalt(t *testing.T) {
	keys := Credentials{Salt: "a", Data: map[string]secret.Text{"K": secret.NewText("one")}}
	again, other, salted := keys, keys, keys
	other.Data = map[string]secret.Text{"K": secret.NewText("two")}
	salted.Salt = "b"
	require.Equal(t, keys.Checksum(), again.Checksum())
	require.NotEqual(t, keys.Checksum(), other.Checksum(), "a rotated key restarts the pods")
	require.NotEqual(t, keys.Checksum(), salted.Checksum(), "without the salt keys cannot be guessed")
}

func TestSecretsOfTheUser(t *testing.T) {
	for name, test := range map[string]struct {
		reason      string
		user, key   string
		fault, hint string
	}{
		"usable": {"as required", "tempo", "hunter2hunter2", "", ""},
		"echo": {"base64 of what echo prints", "tempo", "hunter2hunter2\n",
			"entry AWS_SECRET_ACCESS_KEY in secret mine of s3.existing_secret ends with a line break, so that the store would refuse the login",
			"recreate the Secret without it, with kubectl create secret generic --from-literal, or printf instead of echo"},
		"login": {"the user name has one, too", "tempo\r\n", "hunter2hunter2",
			"entry AWS_ACCESS_KEY_ID in secret mine of s3.existing_secret ends with a line break, so that the store would refuse the login",
			"recreate the Secret without it, with kubectl create secret generic --from-literal, or printf instead of echo"},
		"empty": {"nothing to log in with", "tempo", "",
			"secret mine of s3.existing_secret has no entry AWS_SECRET_ACCESS_KEY", "its entries become environment variables of Tempo, so their names matter"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Credentials{Name: "mine", Data: map[string]secret.Text{AccessKeyEntry: secret.NewText(test.user), SecretKeyEntry: secret.NewText(test.key)}}.Usable("mine")
			if test.fault == "" {
				require.NoError(t, err, test.reason)
				return
			}
			require.EqualError(t, err, test.fault, test.reason)
			require.Equal(t, test.hint, fault.HintOf(err), test.reason)
		})
	}
}
