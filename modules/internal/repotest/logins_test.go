// SPDX-License-Identifier: AGPL-3.0-or-later

package repotest

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/registry"
)

// addresses are the options that hold an address, by the end of their names.
var addresses = regexp.MustCompile(`(^|_)(url|url_if_new|host|endpoint|endpoints|address|chart_ref|prometheus)$`)

// An address is shown in messages and diffs, and stored where others can read it.
func TestNoAddressTakesALogin(t *testing.T) {
	tried := 0
	var each func(t *testing.T, prefix string, rows []option.Option)
	each = func(t *testing.T, prefix string, rows []option.Option) {
		for _, row := range rows {
			name := prefix + row.Name
			each(t, name+".", row.Suboptions)
			if !addresses.MatchString(row.Name) || len(row.Suboptions) > 0 || row.Type == option.Path {
				continue
			}
			tried++
			var value any = "https://me:hunter2@host.example/x"
			if row.Type == option.Map {
				value = map[string]any{"any": value}
			}
			require.NotNil(t, row.Check, name)
			err := row.Check(value)
			require.Error(t, err, name)
			require.NotContains(t, err.Error(), "hunter2", name)
		}
	}
	for name, module := range registry.Modules {
		t.Run(name, func(t *testing.T) { each(t, "", module().Options().Options) })
	}
	require.Greater(t, tried, 20, "the modules have many more addresses")
}
