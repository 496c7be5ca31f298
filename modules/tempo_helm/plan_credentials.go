// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// planCredentials compares the Secret with the keys of the options, or proves
// that a Secret of the user's has what Tempo needs.
func (m *Module) planCredentials(p *plan.Plan, want, have State) error {
	wanted, live := want.Credentials, have.Credentials
	if !wanted.Owned {
		return usable(wanted.Name, live)
	}
	if live.Name != "" && !live.Owned {
		return fault.New(fault.Conflict, "give it in s3.existing_secret to use it as it is, or delete it", "secret %s exists and is not this module's", live.Name)
	}
	wanted.Salt = live.Salt
	if wanted.Salt == "" {
		wanted.Salt = m.salt
	}
	if live.Salt != "" && maps.Equal(wanted.Data, live.Data) {
		return nil
	}
	change := plan.Change{Path: "secret/" + wanted.Name, Verb: plan.Create, After: wanted.marked(live, secret.After), Payload: wanted}
	if live.Name != "" {
		change.Verb, change.Before = plan.Update, live.marked(wanted, secret.Before)
	}
	p.Add(change)
	return nil
}

// usable reports what is missing in a Secret of the user's.
func usable(name string, live Credentials) error {
	if live.Name == "" {
		return fault.New(fault.NotFound, "make it first, with the entries "+accessKeyEntry+" and "+secretKeyEntry, "secret %s of s3.existing_secret does not exist", name)
	}
	for _, entry := range []string{accessKeyEntry, secretKeyEntry} {
		if live.Data[entry].Empty() {
			return fault.New(fault.NotFound, "its entries become environment variables of Tempo, so their names matter", "secret %s of s3.existing_secret has no entry %s", name, entry)
		}
		if option.LastLine(live.Data[entry].Reveal()) != nil {
			return fault.New(fault.Usage, "make the Secret anew without it, with kubectl create secret generic --from-literal or printf in place of echo",
				"entry %s in secret %s of s3.existing_secret ends with a line break, so that the store would refuse the login", entry, name)
		}
	}
	return nil
}

// marked shows the entries without their values: the mark where the other side
// differs, Hidden where both are the same.
func (c Credentials) marked(other Credentials, mark string) map[string]any {
	shown := map[string]any{}
	for key, value := range c.Data {
		shown[key] = secret.Hidden
		if other.Name == "" || other.Data[key] != value {
			shown[key] = mark
		}
	}
	return shown
}

func (c Credentials) shown() map[string]any { return c.marked(c, secret.Hidden) }
