// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// planCredentials compares the Secret with the keys of the options, or proves
// that a Secret of the user's has what Tempo needs.
func (c *client) planCredentials(p *plan.Plan, spec Spec, status Status) error {
	wanted, live := status.Proposal.Credentials, status.Credentials
	if !wanted.Owned {
		return usable(wanted.Name, live)
	}
	if live.Name != "" && !live.Owned {
		return fault.New(fault.Conflict, "give it in s3.existing_secret to use it as it is, or delete it", "secret %s exists and is not this module's", live.Name)
	}
	if live.Salt != "" && maps.Equal(wanted.Data, live.Data) {
		return nil
	}
	change := plan.Change{Path: "secret/" + wanted.Name, Verb: plan.Create, After: wanted.marked(live, secret.After)}
	if live.Name != "" {
		change.Verb, change.Before = plan.Update, live.marked(wanted, secret.Before)
	}
	change.Step = c.writer.Step(putSecret(spec, wanted.owned(), live.Name == ""))
	p.Add(change)
	return nil
}

// planCA compares the Secret with the CA of the options.
func (c *client) planCA(p *plan.Plan, spec Spec, status Status) error {
	wanted, live := status.Proposal.CA, status.CA
	if wanted.Name == "" || wanted == live {
		return nil
	}
	if live.Name != "" && !live.Owned {
		return fault.New(fault.Conflict, "delete it, or give the release another name", "secret %s exists and is not this module's", live.Name)
	}
	change := plan.Change{Path: "secret/" + wanted.Name, Verb: plan.Create, After: wanted.redacted()}
	if live.Name != "" {
		change.Verb, change.Before = plan.Update, live.redacted()
	}
	change.Step = c.writer.Step(putSecret(spec, wanted.owned(), live.Name == ""))
	p.Add(change)
	return nil
}

// planNoCA removes the Secret that no pod of the release mounts any more.
func (c *client) planNoCA(p *plan.Plan, spec Spec, status Status) {
	if status.Proposal.CA.Name == "" && status.CA.Owned {
		c.deleteSecret(p, spec, status.CA.Name, status.CA.redacted())
	}
}

func (c *client) deleteSecret(p *plan.Plan, spec Spec, name string, before any) {
	p.Add(plan.Change{Path: "secret/" + name, Verb: plan.Delete, Before: before, Step: c.writer.Step(removeSecret(spec, name))})
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

func (c Credentials) redacted() map[string]any { return c.marked(c, secret.Hidden) }
