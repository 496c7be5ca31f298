// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Redacted takes the secrets of an object out of what the API server says about it.
func Redacted(object map[string]any, err error) error {
	if err == nil {
		return nil
	}
	var hide secret.Redactor
	hide.Add(secret.InManifest(object)...)
	text := hide.Text(err.Error())
	if text == err.Error() {
		return err
	}
	return fault.Wrap(fault.KindOf(err), fault.HintOf(err), text, nil)
}
