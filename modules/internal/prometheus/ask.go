// SPDX-License-Identifier: AGPL-3.0-or-later

package prometheus

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/spanmetrics"
)

// The flags that make Prometheus accept remote write: the first from 2.33 on,
// the other from 2.25 to 2.32 (prometheus/prometheus, cmd/prometheus/main.go;
// CHANGELOG.md 2.25.0, 2.33.0).
const (
	receiverFlag  = "web.enable-remote-write-receiver"
	featureFlag   = "enable-feature"
	receiverValue = "remote-write-receiver"
)

// flagsPath answers with the flags that a server was started with.
const flagsPath = "api/v1/status/flags"

// Ask asks a server whether it accepts metrics by remote write, without writing
// anything. Unsure is why it could not be asked; err says how to switch it on.
func Ask(ctx context.Context, cluster Cluster, server Server) (unsure, err error) {
	status, text, err := cluster.GetFromService(ctx, server.ServicePort, flagsPath)
	if err != nil {
		return err, nil
	}
	var answer struct {
		Status string            `json:"status"`
		Data   map[string]string `json:"data"`
	}
	if status != http.StatusOK || json.Unmarshal([]byte(text), &answer) != nil || answer.Status != "success" {
		return nil, fault.New(fault.Unsupported, "name the Service of a Prometheus in prometheus; of one with a route prefix, or of another server, give metrics_generator.remote_write_url",
			"Service %s answers /%s with status %d, as no Prometheus without a route prefix does", server, flagsPath, status)
	}
	return nil, server.receives(answer.Data)
}

// receives fails, with what to set, if the flags rule out remote write.
func (s Server) receives(flags map[string]string) error {
	_, known := flags[receiverFlag]
	switch {
	case len(flags) > 0 && spanmetrics.TakesMetrics(flags):
		return nil
	case s.Operated && known:
		return s.closed("set enableRemoteWriteReceiver: true in the spec of the Prometheus object, which is prometheus.prometheusSpec.enableRemoteWriteReceiver in the values of kube-prometheus-stack")
	case known:
		return s.closed("start it with --" + receiverFlag + ", which is server.extraFlags: [" + receiverFlag + "] in the values of chart prometheus")
	}
	return s.closed("start it with --" + featureFlag + "=" + receiverValue + " (2.25 to 2.32), or upgrade it")
}

func (s Server) closed(hint string) error {
	return fault.New(fault.Unsupported, hint, "Prometheus %s takes no metrics by remote write, so that the service graph would stay empty", s)
}
