// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/tempo"
)

// valuesOptions are the rows from which the chart's values are composed.
func valuesOptions() []option.Option {
	return []option.Option{
		{Name: "receivers", Type: option.List, Choices: receiverNames(), Doc: []string{
			"The protocols in which Tempo takes spans.",
			"The default is what the seed procedure switches on: OTLP by gRPC and HTTP, Zipkin, Jaeger thrift compact and HTTP, and OpenCensus where the Tempo of the chart still has it. OpenCensus in a list of yours is refused where Tempo has it no longer (2.9.3, 2.10.6, 3.0)."}},
		{Name: "s3", Type: option.Map, Suboptions: s3Options(), Doc: []string{
			"The object storage for the traces. It is required when O(state=present)."}},
		{Name: "log_received_spans", Type: option.Bool, Default: false, Doc: []string{
			"Let the distributor log each span that it receives; for finding faults. Only with O(mode=microservices)."}},
		{Name: "search", Type: option.Bool, Default: true, Doc: []string{
			"Search for traces, not only look them up by ID. Charts from 1.0.0 on always can."}},
		{Name: "values", Type: option.Map, Default: map[string]any{}, Aliases: []string{"release_values"}, Doc: []string{
			"More values for the chart, merged last: a map is merged, anything else replaces. They are not for passwords: they are stored in the release and often end in a ConfigMap."}},
	}
}

func receiverNames() []string {
	var names []string
	for _, receiver := range tempo.Receivers {
		names = append(names, string(receiver))
	}
	return names
}

func s3Options() []option.Option {
	return []option.Option{
		{Name: "bucket", Type: option.Text, Required: true, Doc: []string{"The bucket."}},
		{Name: "endpoint", Type: option.Text, Required: true, Check: hostPort, Doc: []string{"Host and port of the server, without C(https://)."}},
		{Name: "region", Type: option.Text, Doc: []string{"Region of the bucket. With it Tempo needs no permission to ask for it."}},
		{Name: "access_key", Type: option.Text, Doc: []string{
			"Access key. The keys are kept in a Secret that this module owns and reach every part of Tempo through its environment; they never stand in the chart's values."}},
		{Name: "secret_key", Type: option.Text, Secret: true, Doc: []string{"Secret key. A new one restarts the pods."}},
		{Name: "existing_secret", Type: option.Text, Doc: []string{
			"Name of a Secret of yours, in place of the keys, with the entries C(AWS_ACCESS_KEY_ID) and C(AWS_SECRET_ACCESS_KEY)."}},
		{Name: "insecure", Type: option.Bool, Default: false, Doc: []string{"Speak HTTP to the server."}},
		{Name: "validate_certs", Type: option.Bool, Default: true, Doc: []string{"Whether Tempo verifies the server's certificate."}},
		{Name: "path_style", Type: option.Bool, Default: true, Doc: []string{"Put the bucket into the path of the URL, as MinIO wants it, not into the host name."}},
		{Name: "prefix", Type: option.Text, Doc: []string{"Begin all object names with this. From Tempo 2.2 on."}},
	}
}

// hostPort refuses what Tempo would not start with: it wants no scheme
// (grafana/tempo tempodb/backend/s3/s3.go).
func hostPort(value any) error {
	text, _ := value.(string)
	if strings.Contains(text, "://") || strings.Contains(text, "/") {
		return fmt.Errorf("must be host:port without http:// and without a path")
	}
	return nil
}
