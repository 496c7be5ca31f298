// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"context"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/kube"
)

// reach connects to the cluster and finds Grafana's sidecar there, once. What the
// task gives is not looked for.
func (c *client) reach(ctx context.Context, spec Spec) (cluster, grafana.Sidecar, error) {
	reader, err := c.cluster()
	if err != nil {
		return reader, grafana.Sidecar{}, err
	}
	if c.sidecar == nil {
		found, err := reader.findSidecar(ctx, spec)
		if err != nil {
			return reader, found, err
		}
		c.sidecar = &found
	}
	return reader, *c.sidecar, nil
}

func (r cluster) findSidecar(ctx context.Context, spec Spec) (grafana.Sidecar, error) {
	label, value, _ := strings.Cut(spec.ConfigMapLabel, "=")
	if spec.Namespace != "" && label != "" {
		return grafana.Sidecar{Namespace: spec.Namespace, Label: label, Value: value}, nil
	}
	found, err := r.provisioning.Sidecar(ctx, spec.Namespace)
	if err == nil && label != "" {
		found.Label, found.Value = label, value
	}
	return found, err
}

// readFile reads what is in the cluster, and what Grafana has made of it where
// its address is known.
func (c *client) readFile(ctx context.Context, spec Spec, status *Status) error {
	reader, sidecar, err := c.reach(ctx, spec)
	if err != nil {
		return err
	}
	status.File.Target = target(spec, sidecar)
	if status.File.Target.Kind == grafana.Secret && !sidecar.Takes(grafana.Secret) {
		return fault.New(fault.Unsupported, "set sidecar.datasources.resource: both in Grafana's chart, or use via: api",
			"provision data source %s: it has secrets, and Grafana's sidecar reads no Secrets", spec.label())
	}
	if err := reader.readObject(ctx, status); err != nil {
		return err
	}
	if status.File.Object == nil || spec.claimsDefault(status.Source) {
		if err := reader.findConflicts(ctx, spec, sidecar, status); err != nil {
			return err
		}
	}
	return c.askGrafana(ctx, spec, status)
}

// target is where the file belongs: a Secret where the task gives secrets.
func target(spec Spec, sidecar grafana.Sidecar) grafana.ProvisioningObject {
	kind := grafana.ConfigMap
	if len(spec.Secrets)+len(spec.HTTPHeaders) > 0 || !sidecar.Takes(grafana.ConfigMap) {
		kind = grafana.Secret
	}
	value := sidecar.Value
	if value == "" {
		value = "1" // the sidecar takes any
	}
	return grafana.ProvisioningObject{Kind: kind, Namespace: sidecar.Namespace, Name: spec.object(), Labels: map[string]string{
		sidecar.Label: value, kube.ManagedByLabel: kube.Manager,
	}}
}

// fileKey is the file's name. The sidecar puts the files of all objects into
// one folder, so that it holds the object's name.
func fileKey(object grafana.ProvisioningObject) string { return object.Name + ".yaml" }

// readObject looks for the object in the kind that is wanted, then in the other.
func (r cluster) readObject(ctx context.Context, status *Status) error {
	target := status.File.Target
	other := map[string]string{grafana.ConfigMap: grafana.Secret, grafana.Secret: grafana.ConfigMap}[target.Kind]
	for _, kind := range []string{target.Kind, other} {
		found, err := r.provisioning.Object(ctx, kind, target.Namespace, target.Name)
		if err != nil {
			return err
		}
		if found != nil {
			status.take(found)
			return nil
		}
	}
	return nil
}

// take reads the file out of its object. A Secret stays one, since it may hold what
// somebody put there. A file that cannot be understood is overwritten:
// the object is ours.
func (s *Status) take(object *grafana.ProvisioningObject) {
	content := object.Files[fileKey(*object)]
	object.Files = nil
	s.File.Object = object
	if object.Kind == grafana.Secret {
		s.File.Target.Kind = grafana.Secret
	}
	if !object.Ours() || content == nil {
		return
	}
	file, err := grafana.ReadFile(content)
	if err == nil && len(file.Sources) > 0 {
		s.Source = &file.Sources[0]
	}
}

// findConflicts looks through the other provisioning files for the name, the uid
// and the default: duplicates keep Grafana from starting.
func (r cluster) findConflicts(ctx context.Context, spec Spec, sidecar grafana.Sidecar, status *Status) error {
	if spec.absent() {
		return nil
	}
	objects, err := r.provisioning.Objects(ctx, sidecar)
	if err != nil {
		return err
	}
	for _, other := range grafana.ProvisionedSources(objects) {
		switch {
		case other.Source.OrgID != spec.org(), other.Object.Name == status.File.Target.Name:
		case spec.Name != "" && other.Source.Name == spec.Name, other.Source.UID != "" && other.Source.UID == spec.likelyUID():
			status.Origin = &other
		case other.Source.IsDefault:
			status.Default = other.Source.Name
		}
	}
	return nil
}

// askGrafana reads what Grafana has, where its address is known.
func (c *client) askGrafana(ctx context.Context, spec Spec, status *Status) error {
	if c.grafana == nil {
		return nil
	}
	if err := c.grafana.PickOrg(ctx); err != nil {
		return err
	}
	live, err := c.grafana.Source(ctx, spec.likelyUID())
	if err != nil {
		return err
	}
	status.File.Asked, status.File.Live = true, live
	if status.File.Object == nil && live == nil && !spec.absent() {
		all, err := c.grafana.Sources(ctx)
		if err != nil {
			return err
		}
		status.Namesake = named(all, spec.Name)
	}
	return nil
}

// checkNamespace finds out whether there is a place for a file that has to be written.
func (c *client) checkNamespace(ctx context.Context, spec Spec, status *Status) error {
	if spec.absent() || status.Source != nil && !status.Proposal.differs() {
		return nil
	}
	reader, err := c.cluster()
	if err == nil {
		status.File.Deleting = reader.Gone(ctx, status.File.Target.Namespace)
	}
	return err
}

// findOrigin finds out where a read-only data source comes from. A file that
// this module wrote is written by it again, unless the task insists on the API.
// Without access to the cluster the answer stays open: that is no error, since
// the task did not ask for the cluster.
func (c *client) findOrigin(ctx context.Context, spec Spec, status *Status) {
	reader, sidecar, err := c.reach(ctx, spec)
	if err != nil {
		return
	}
	objects, err := reader.provisioning.Objects(ctx, sidecar)
	if err != nil {
		return
	}
	for _, other := range grafana.ProvisionedSources(objects) {
		if other.Source.Name == status.Source.Name && other.Source.OrgID == status.Source.OrgID {
			status.Origin = &other
		}
	}
	if spec.Via == viaAuto && status.Origin != nil && status.Origin.Object.Ours() && status.Origin.Object.Name == spec.object() {
		c.via = viaConfigMap
	}
}
