// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckHost(t *testing.T) {
	const form = "must be the URL of the API server, such as https://raspberrypi:6443"
	for text, message := range map[string]string{
		"":                             "",
		"https://raspberrypi:6443":     "",
		"https://rancher.example/k8s/": "",
		"127.0.0.1:6443":               "",
		"[::1]:6443":                   "",
		"http://127.0.0.1:8080":        "",
		"https://me:hunter2@host":      "must not hold a login",
		"https://raspberrypi:6443\n":   form,
		"a b":                          form,
		"users: [hunter2":              form,
		"tcp://raspberrypi:6443":       form,
		"https://":                     form,
		"https://h%41unter2'":          form,
		"raspberrypi:99999":            "must have a port between 1 and 65535",
	} {
		err := checkHost(text)
		if message == "" {
			require.NoError(t, err, text)
			continue
		}
		require.EqualError(t, err, message, text)
	}
}
