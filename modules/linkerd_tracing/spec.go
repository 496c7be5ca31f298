// SPDX-License-Identifier: AGPL-3.0-or-later

package linkerd

import (
	"time"

	"github.com/picluster/tracing/modules/internal/helm"
)

// Spec is what is wanted of the mesh: the options, and what they amount to.
type Spec struct {
	Args
	// Chart is where the extension comes from when it has to be installed.
	Chart helm.Source
	// Endpoints are those of Tempo by their names; empty asks its Services.
	Endpoints map[string]string
}

// Spec turns the arguments into what is wanted.
func (Module) Spec(args Args) (Spec, error) {
	spec := Spec{Args: args, Endpoints: map[string]string{}, Chart: helm.Source{
		Ref: args.ChartRef, Repository: args.ChartRepoURL, Version: args.ChartVersion,
		Username: args.ChartUser, Password: args.ChartPassword, CAFile: args.ChartCA,
	}}
	for name, value := range args.Endpoints {
		if address, ok := value.(string); ok {
			spec.Endpoints[name] = address
		}
	}
	return spec, nil
}

// Timeout bounds the whole run.
func (s Spec) Timeout() time.Duration { return s.Limit }

func (s Spec) absent() bool { return s.State == "absent" }
