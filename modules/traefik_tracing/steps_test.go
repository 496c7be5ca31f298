// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/ownership"
)

// calls records what a step does, and may refuse the upgrade.
type calls struct {
	typedcore.ConfigMapInterface
	made   []string
	refuse error
}

func (c *calls) Create(_ context.Context, config *core.ConfigMap, _ meta.CreateOptions) (*core.ConfigMap, error) {
	c.made = append(c.made, "record "+config.Name+" "+config.Data[ownership.Key])
	return config, nil
}

func (c *calls) Delete(_ context.Context, name string, _ meta.DeleteOptions) error {
	c.made = append(c.made, "forget "+name)
	return nil
}

func (c *calls) Upgrade(_ context.Context, d helm.Deployment) error {
	c.made = append(c.made, "upgrade "+d.Name)
	return c.refuse
}

func (c *calls) Settled(err error) error { return err }

func (c *calls) EndPending(release helm.Release) error {
	if release.Status.Pending() {
		c.made = append(c.made, fmt.Sprintf("mark revision %d", release.Revision))
	}
	return nil
}

func (c *calls) writer() writer {
	return writer{
		configMaps: func(string) typedcore.ConfigMapInterface { return c },
		releases:   func(string) upgrader { return c },
	}
}

// Settings without a record could not be removed; a record without settings does
// no harm.
func TestOrderOfAnUpgrade(t *testing.T) {
	const record = `record traefik-tracing-record {"sum":"ab","priors":null}`
	cases := map[string]struct {
		reason string
		record *ownership.Record
		refuse error
		want   []string
	}{
		"set":             {"the record is written first", &ownership.Record{Sum: "ab"}, nil, []string{record, "upgrade traefik"}},
		"set, refused":    {"the record stays, and the next run retries", &ownership.Record{Sum: "ab"}, errors.New("boom"), []string{record, "upgrade traefik"}},
		"removed":         {"the record is removed last", nil, nil, []string{"upgrade traefik", "forget traefik-tracing-record"}},
		"not removed yet": {"the record is kept", nil, errors.New("boom"), []string{"upgrade traefik"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status := released("39.0.7", "traefik:v3.6.13", "")
			status.Proposal.Record = c.record
			done := &calls{refuse: c.refuse}
			err := upgradeRelease(status)(t.Context(), done.writer())
			require.Equal(t, c.refuse, err, c.reason)
			require.Equal(t, c.want, done.made, c.reason)
		})
	}
}
