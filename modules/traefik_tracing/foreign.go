// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// foreign refuses to change what something else puts back. The hint has the
// values for the place where they last; without entries they are to go.
func (f Found) foreign(entries []overlay.Entry) error {
	if !f.Owner.Foreign() || f.Force {
		return nil
	}
	if entries == nil {
		return f.Owner.Refusal(f.String(), "Traefik's values as they were before this module", "force: true")
	}
	refusal := f.Owner.Refusal(f.String(), f.which(), "force: true")
	return fault.New(fault.Conflict, fault.HintOf(refusal)+":\n"+pasted(entries, f.Text), "%s", refusal.Error())
}

// which are the values as their owner knows them.
func (f Found) which() string {
	if f.Method == methodHelm {
		return "these values"
	}
	return "these values (spec.valuesContent of the HelmChartConfig)"
}

// pasted are entries as YAML that can be put among a user's values, and as
// comments what has to go from those that are there.
func pasted(entries []overlay.Entry, there string) string {
	current, err := overlay.Parse(there)
	if err != nil {
		return ""
	}
	var wanted []overlay.Entry
	var gone strings.Builder
	for _, entry := range entries {
		switch {
		case !entry.Remove:
			wanted = append(wanted, entry)
		case (owned{entry.Path, entry.Item, ""}).in(current) != nil:
			gone.WriteString("# without " + entry.String() + "\n")
		}
	}
	laid, _, err := overlay.Lay(map[string]any{}, wanted)
	if err != nil {
		return ""
	}
	text, _ := yaml.Marshal(laid) //nolint:errchkjson // strings, numbers and booleans
	return string(text) + gone.String()
}
