// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// planCredentials compares the Secret with the keys of the options, or proves
// that a Secret of the user's has what Tempo needs.
func (c *client) planCredentials(p *plan.Plan, spec Spec, status Status) error {
	wanted, live := status.Proposal.Credentials, status.Credentials
	if !wanted.Owned {
		return live.Usable(wanted.Name)
	}
	if live.Name != "" && !live.Owned {
		return fault.New(fault.Conflict, "give it in s3.existing_secret to use it as it is, or delete it", "secret %s exists and is not this module's", live.Name)
	}
	if live.Salt != "" && maps.Equal(wanted.Data, live.Data) {
		return nil
	}
	change := plan.Change{Path: "secret/" + wanted.Name, Verb: plan.Create, After: wanted.Marked(live, secret.After)}
	if live.Name != "" {
		change.Verb, change.Before = plan.Update, live.Marked(wanted, secret.Before)
	}
	change.Step = c.writer.Step(putSecret(spec, wanted.Content(), live.Name == ""))
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
	change := plan.Change{Path: "secret/" + wanted.Name, Verb: plan.Create, After: wanted.Redacted()}
	if live.Name != "" {
		change.Verb, change.Before = plan.Update, live.Redacted()
	}
	change.Step = c.writer.Step(putSecret(spec, wanted.Content(), live.Name == ""))
	p.Add(change)
	return nil
}

// planNoCA removes the Secret that no pod of the release mounts any more.
func (c *client) planNoCA(p *plan.Plan, spec Spec, status Status) {
	if status.Proposal.CA.Name == "" && status.CA.Owned {
		c.deleteSecret(p, spec, status.CA.Name, status.CA.Redacted())
	}
}

func (c *client) deleteSecret(p *plan.Plan, spec Spec, name string, before any) {
	p.Add(plan.Change{Path: "secret/" + name, Verb: plan.Delete, Before: before, Step: c.writer.Step(removeSecret(spec, name))})
}
