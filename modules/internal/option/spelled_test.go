// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChoicesThatYAMLTakesForBooleans(t *testing.T) {
	for name, test := range map[string]struct {
		reason  string
		choices []string
		raw     any
		want    any
	}{
		"on":        {"YAML 1.1 reads on as true", []string{"on", "off", "suspended"}, true, "on"},
		"off":       {"YAML 1.1 reads off as false", []string{"on", "off", "suspended"}, false, "off"},
		"quoted":    {"a quoted word arrives as it is", []string{"on", "off"}, "off", "off"},
		"ambiguous": {"two choices mean true, so neither is picked and the error lists them", []string{"on", "yes"}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			table := Table{Options: []Option{{Name: "mode", Type: Text, Choices: test.choices}}}
			values, err := table.Decode(map[string]any{"mode": test.raw}, func(string) (string, bool) { return "", false })
			if test.want == nil {
				require.EqualError(t, err, "mode must be one of on, yes", test.reason)
				return
			}
			require.NoError(t, err, test.reason)
			require.Equal(t, test.want, values.values["mode"], test.reason)
		})
	}
}

func TestWholeNumberAsDefault(t *testing.T) {
	table := Table{Options: []Option{{Name: "days", Type: Int, Default: 1}}}
	values, err := table.Decode(nil, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	require.Equal(t, int64(1), values.values["days"])
}
