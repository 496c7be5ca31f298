// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"bytes"
	"fmt"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/strvals"
)

// FromArchive reads a chart from the content of its .tgz file.
func FromArchive(archive []byte) (Chart, error) {
	loaded, err := loader.LoadArchive(bytes.NewReader(archive))
	if err != nil {
		return Chart{}, fmt.Errorf("read the chart's archive: %w", err)
	}
	return chartOf(loaded), nil
}

// Assign changes values in place as --set KEY=VALUE does, or as --set-string where
// plain is false. Its error does not quote the value.
func Assign(values map[string]any, key, value string, plain bool) error {
	parse := strvals.ParseIntoString
	if plain {
		parse = strvals.ParseInto
	}
	if parse(key+"="+value, values) != nil {
		return fmt.Errorf("the key %s cannot be set", key)
	}
	return nil
}
