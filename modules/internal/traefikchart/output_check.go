// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikchart

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
)

// Loki is the Loki in the cluster that takes logs, the zero value when none was
// looked for. Err is why there is none to send to.
type Loki struct {
	// URL is where it takes logs by OTLP.
	URL string
	Err error
}

// validateOutput refuses a Traefik that cannot write its access log where it
// should go.
func (t Target) validateOutput() error {
	if !t.AccessLog || t.Version.Writes(t.LogOutput) {
		return nil
	}
	hint := "access_log_output: stdout, or an image_tag of v" + compat.TraefikFirstThatWrites(t.LogOutput) + " or newer"
	if t.LogOutput == compat.TraefikLogsOTLP || !t.Version.OTLPLogs {
		return fault.New(fault.Unsupported, hint, "Traefik %s cannot send its access log by OTLP", t.Number)
	}
	return fault.New(fault.Unsupported, "access_log_output: otlp for one of the two, "+strings.TrimPrefix(hint, "access_log_output: "),
		"Traefik %s cannot send its access log by OTLP and write it to its output as well", t.Number)
}

// sendTo is where the access log goes by OTLP: what the option says, "" for where
// the user sends it already, else Loki.
func (t Target) sendTo(name string, loki Loki) (string, error) {
	given := strings.TrimSpace(t.LogEndpoint)
	switch {
	case !t.ExportsLogs():
		return "", nil
	case given != "" && option.CheckURL(given) != nil:
		return "", fault.New(fault.Usage, "", "access_log_endpoint must be a URL such as http://loki.logging.svc.cluster.local:3100/otlp/v1/logs")
	case t.logs.endpoint != "" || t.logs.exports && t.logs.way == "grpc":
		return "", t.keptEndpoint(name, given)
	case given != "":
		return given, nil
	}
	return loki.URL, loki.Err
}

// keptEndpoint refuses to send elsewhere than the user does: headers and
// certificates that were made for that server would go along.
func (t Target) keptEndpoint(name, given string) error {
	if given != "" && given != t.logs.endpoint || t.LogTenant != "" {
		return fault.New(fault.Conflict, "leave access_log_endpoint and access_log_tenant out to keep that, or take "+strings.Join(t.Chart.AccessLog, ".")+".otlp out of Traefik's values first; nothing was changed",
			"%s: its access log goes by OTLP to %s already, by settings of somebody else", name, t.logs.place())
	}
	return nil
}

// place is the server as far as it may be shown.
func (u userLogs) place() string {
	if u.endpoint == "" {
		return "a server by gRPC"
	}
	return origin(u.endpoint)
}
