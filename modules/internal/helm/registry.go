// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/registry"
	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/picluster/tracing/modules/internal/fault"
)

// pull reads a chart from an OCI registry. Helm's client takes no context: its
// requests end with ctx by their transport.
func (s Source) pull(ctx context.Context) ([]byte, error) {
	client, err := s.registry(ctx)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(s.Ref, oci)
	version, err := s.tag(client, name)
	if err != nil {
		return nil, err
	}
	result, err := client.Pull(name+":"+version, registry.PullOptWithChart(true))
	if err != nil {
		return nil, fault.During("pull "+name+":"+version, err)
	}
	return result.Chart.Data, nil
}

func (s Source) registry(ctx context.Context) (*registry.Client, error) {
	client, err := s.httpClient(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkLogins(); err != nil {
		return nil, err
	}
	client.Transport = &counted{next: declared{client.Transport}}
	authorizer := auth.Client{Client: client, Credential: s.login(ctx)}
	authorizer.SetUserAgent("picluster.tracing")
	options := []registry.ClientOption{
		registry.ClientOptWriter(io.Discard),
		registry.ClientOptHTTPClient(client),
		registry.ClientOptAuthorizer(authorizer),
	}
	if s.PlainHTTP {
		options = append(options, registry.ClientOptPlainHTTP())
	}
	return registry.NewClient(options...)
}

// tag is the version to pull. A plus sign cannot stand in a tag, so Helm writes
// an underscore for it (helm pkg/registry/client.go).
func (s Source) tag(client *registry.Client, name string) (string, error) {
	if Exact(s.Version) {
		return strings.ReplaceAll(s.Version, "+", "_"), nil
	}
	tags, err := client.Tags(name)
	if err != nil {
		return "", fault.During("list the versions of "+name, err)
	}
	constraint, err := semver.NewConstraint(cmp.Or(s.Version, "*"))
	if err != nil {
		return "", fault.New(fault.Usage, "chart_version is a version such as 2.26.2 or a range such as ~2.26.0", "%q is not a version", s.Version)
	}
	for _, tag := range tags {
		if version, err := semver.NewVersion(tag); err == nil && constraint.Check(version) {
			return strings.ReplaceAll(tag, "+", "_"), nil
		}
	}
	return "", fmt.Errorf("the registry has no version %s of it", s.Version)
}
