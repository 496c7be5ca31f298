// SPDX-License-Identifier: AGPL-3.0-or-later

package traefikprobe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

// containerLog is what one container has printed.
type containerLog struct{ pod, container, text string }

// logs reads what the pods of Traefik have printed since a moment: all of their
// containers, since a sidecar may print the access log. The time goes as a
// length, for the node's clock may differ.
func (p Probe) logs(ctx context.Context, since time.Time) ([]containerLog, error) {
	pods, err := p.Cluster.Pods(ctx, p.Workload.Namespace, p.Workload.Selector)
	if err != nil {
		return nil, err
	}
	var all []containerLog
	for _, pod := range pods {
		for _, container := range pod.Spec.Containers {
			text, err := p.log(ctx, pod, container.Name, since)
			if err != nil {
				return nil, err
			}
			all = append(all, containerLog{pod.Name, container.Name, text})
		}
	}
	return all, nil
}

// maxLog is how many bytes of a log are read.
const maxLog = 4 << 20

// log reads a container's log. One that has none yet has printed nothing.
func (p Probe) log(ctx context.Context, pod core.Pod, container string, since time.Time) (string, error) {
	seconds := int64(math.Ceil(time.Since(since).Seconds())) + 1
	options := &core.PodLogOptions{Container: container, SinceSeconds: &seconds}
	stream, err := p.Cluster.Log(ctx, pod.Namespace, pod.Name, options)
	if apierrors.IsNotFound(err) || apierrors.IsBadRequest(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer stream.Close()
	text, err := io.ReadAll(io.LimitReader(stream, maxLog))
	return string(text), fault.During("read the log of pod "+pod.Namespace+"/"+pod.Name, err)
}

func names(logs []containerLog) []string {
	var all []string
	for _, log := range logs {
		all = append(all, log.pod+" ("+log.container+")")
	}
	return all
}

// logEntry is the access-log line of a request: what its field for the trace ID
// holds, and which fields it has.
type logEntry struct {
	pod    string
	value  string
	fields []string
}

// in looks for the line of the request: by its path, or by its trace ID where
// the path is not written. Traefik's own log, which may mention the request too,
// has neither.
func (r probeRequest) in(logs []containerLog, field string) logEntry {
	for _, log := range logs {
		for line := range strings.Lines(log.text) {
			var fields map[string]any
			if !strings.Contains(line, r.mark) && !strings.Contains(line, string(r.id)) || json.Unmarshal([]byte(line), &fields) != nil {
				continue
			}
			path, _ := fields["RequestPath"].(string)
			value, _ := fields[field].(string)
			if strings.Contains(path, r.mark) || r.id.Same(value) {
				return logEntry{log.pod, value, slices.Sorted(maps.Keys(fields))}
			}
		}
	}
	return logEntry{}
}

// result is a probe as results have it.
func (r probeRequest) result(entry logEntry) map[string]any {
	return map[string]any{"url": r.url, "status": r.status, "trace_id": entry.value, "pod": entry.pod}
}

// verify is nil when the line holds the trace ID.
func verify(t traefikchart.Target, sent probeRequest, entry logEntry) error {
	field := t.Version.TraceIDField
	switch {
	case field == "" || sent.id.Same(entry.value):
		return nil
	case entry.value == "":
		return fault.New(fault.Unsupported, "look at accesslog.fields in Traefik's arguments, and whether traefik_version tells the version that runs",
			"the access-log line of %s has no field %s, it has %s", sent.url, field, strings.Join(entry.fields, ", "))
	case strings.Trim(entry.value, "0") == "":
		return fault.New(fault.Unsupported, "look at Traefik's log: tracing is not on", "the access-log line of %s has a trace ID of zeros", sent.url)
	case sent.injected:
		return fault.New(fault.Conflict, "something in front of Traefik changes the headers, or the variable "+traefikchart.PropagatorsVariable+" is not in force",
			"the access-log line of %s has the trace ID %s, but the request was sent with %s", sent.url, entry.value, sent.id)
	}
	return nil
}

// explain says why a line may be missing, as far as Traefik's arguments tell.
func (r probeRequest) explain(args []string, err error) error {
	var timed *fault.Error
	if !errors.As(err, &timed) || timed.Kind != fault.Timeout {
		return err
	}
	hint, flags := "check that "+r.url+" leads to this Traefik", traefikchart.Flags(args)
	switch path := traefikchart.LogFile(flags); {
	case path != "":
		hint = "the access log goes into the file " + path + ": a sidecar has to print it"
	case slices.ContainsFunc(slices.Collect(maps.Keys(flags)), func(flag string) bool { return strings.HasPrefix(flag, "accesslog.filters") }):
		hint = "accesslog.filters in Traefik's arguments may leave the line out"
	}
	return fault.Wrap(fault.Timeout, hint, fmt.Sprintf("prove the access log: Traefik answered %d", r.status), err)
}
