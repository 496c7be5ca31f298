// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"time"

	"github.com/picluster/tracing/modules/internal/certificate"
	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/traefikchart"
	"github.com/picluster/tracing/modules/internal/traefikfind"
)

// Spec is what is wanted, before it is known which Traefik exists. The options
// say all of it.
type Spec struct{ Args }

// Spec checks the arguments against each other.
func (Module) Spec(args Args) (Spec, error) {
	spec := Spec{args}
	if spec.probes() && (!spec.AccessLog || !spec.Wait) {
		return spec, fault.New(fault.Usage, "leave ingress_host and ingress_url out, or access_log and wait at true",
			"ingress_host asks for a line of the access log, which needs access_log: true and wait: true")
	}
	return spec, spec.validateOutput()
}

// validateOutput checks the options about where the access log goes.
func (s Spec) validateOutput() error {
	exports := s.ExportsLogs()
	switch {
	case s.absent():
		return nil
	case !s.AccessLog && s.LogOutput != "" && s.LogOutput != traefikchart.KeepOutput:
		return fault.New(fault.Usage, "leave one of the two out", "access_log_output: %s has no effect with access_log: false", s.LogOutput)
	case !exports && (s.LogEndpoint != "" || s.LogTenant != ""):
		return fault.New(fault.Usage, "set access_log_output to otlp or both, or leave them out",
			"access_log_endpoint and access_log_tenant have an effect only where the access log goes out by OTLP")
	case s.probes() && s.LogOutput == compat.TraefikLogsOTLP:
		return fault.New(fault.Usage, "leave ingress_host and ingress_url out, or set access_log_output to both (Traefik 3.7 and newer)",
			"ingress_host asks for a line in the log of Traefik's pods, where access_log_output: otlp leaves none")
	}
	return nil
}

// Timeout bounds the whole run.
func (s Spec) Timeout() time.Duration { return s.Limit }

func (s Spec) absent() bool { return s.State == "absent" }

// probes reports whether a request through Traefik is asked for.
func (s Spec) probes() bool { return !s.absent() && (s.IngressHost != "" || s.IngressURL != "") }

// findsTempo reports whether the task leaves it to the cluster where spans go.
func (s Spec) findsTempo() bool { return !s.absent() && s.Endpoint == "" && s.Endpoints == nil }

// tempo is what messages call the Tempo that is looked for.
func (s Spec) tempo() string {
	text := "Tempo"
	if s.TempoRelease != "" {
		text += "'s release " + s.TempoRelease
	}
	if s.TempoNamespace == "" {
		return text + " in the cluster"
	}
	return text + " in namespace " + s.TempoNamespace
}

// wanted says which Traefik is meant.
func (s Spec) wanted() traefikfind.Wanted {
	return traefikfind.Wanted{Method: s.Method, Name: s.Name, Namespace: s.Namespace}
}

// trust is the certificates to trust for the request through Traefik.
func (s Spec) trust() certificate.Files {
	names := certificate.Names{Validate: "url_validate_certs", CA: "url_ca_cert"}
	return certificate.Files{Names: names, Validate: s.URLValidateCerts, CA: s.URLCACert}
}
