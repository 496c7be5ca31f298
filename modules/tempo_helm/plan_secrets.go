// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"maps"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempochart"
	"github.com/picluster/tracing/modules/internal/tempomove"
)

// planCredentials compares the Secret with the keys of the options, or proves
// that a Secret of the user's has what Tempo needs.
func (c *client) planCredentials(p *plan.Plan, spec Spec, status Status) error {
	wanted, live := status.Proposal.Credentials, status.Credentials
	if spec.Local() {
		return nil
	}
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

// planStorage tells what becomes of the traces where Tempo is to keep them
// elsewhere than the release does.
func planStorage(p *plan.Plan, spec Spec, status Status) error {
	if status.Proposal.Deployed {
		return nil
	}
	release := status.Release
	live := helm.Merge(release.Chart.Defaults, release.Values)
	bucket, local := tempochart.BucketOf(live), tempochart.KeepsLocally(live)
	switch {
	case spec.Local() && bucket != "" && spec.Migrate != tempomove.Lossy:
		return fault.New(fault.Conflict, "give the store in s3 (minio_endpoint in the role), or set migrate: lossy (tempo_migrate) to start afresh on a volume",
			"release %s keeps its traces in bucket %s, where they would stay behind with storage: local", spec.Release, bucket)
	case spec.Local() && bucket != "":
		p.Warn("the traces in bucket %s stay there, where Tempo no longer finds them", bucket)
	case !spec.Local() && local && status.Proposal.Upgrade:
		p.Warn("traces that release %s has kept on its own disk are no longer found; its volume claim stays", spec.Release)
	}
	if spec.Local() {
		p.Warn("traces are kept on the volume of one pod: they are lost with the disk of its node, and Tempo cannot grow beyond that pod. An S3 store has neither limit")
	}
	return nil
}

// planNoCredentials removes keys of the module's own that Tempo no longer uses.
func (c *client) planNoCredentials(p *plan.Plan, spec Spec, status Status) {
	if spec.Local() && status.Credentials.Owned {
		c.deleteSecret(p, spec, status.Credentials.Name, status.Credentials.Redacted())
	}
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
