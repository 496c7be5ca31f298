// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

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
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/kube"
)

// printed is what one container has printed.
type printed struct{ pod, container, text string }

// printed reads what the pods of Traefik have printed since a moment: all of
// their containers, since a sidecar may print the access log. The time goes as a
// length, for the node's clock may differ.
func (m *Module) printed(ctx context.Context, w Workload, since time.Time) ([]printed, error) {
	pods, err := m.clients.Core.Pods(w.Namespace).List(ctx, meta.ListOptions{LabelSelector: w.Selector})
	if err != nil {
		return nil, kube.Fault("list the pods of "+w.String(), err)
	}
	var all []printed
	for _, pod := range pods.Items {
		for _, container := range pod.Spec.Containers {
			text, err := m.log(ctx, pod, container.Name, since)
			if err != nil {
				return nil, err
			}
			all = append(all, printed{pod.Name, container.Name, text})
		}
	}
	return all, nil
}

// most is how many bytes of a log are read.
const most = 4 << 20

// log reads a container's log. One that has none yet has printed nothing.
func (m *Module) log(ctx context.Context, pod core.Pod, container string, since time.Time) (string, error) {
	seconds := int64(math.Ceil(time.Since(since).Seconds())) + 1
	options := &core.PodLogOptions{Container: container, SinceSeconds: &seconds}
	stream, err := m.clients.Core.Pods(pod.Namespace).GetLogs(pod.Name, options).Stream(ctx)
	if apierrors.IsNotFound(err) || apierrors.IsBadRequest(err) {
		return "", nil
	}
	if err != nil {
		return "", kube.Fault("read the log of pod "+pod.Namespace+"/"+pod.Name, err)
	}
	defer stream.Close()
	text, err := io.ReadAll(io.LimitReader(stream, most))
	return string(text), fault.Doing("read the log of pod "+pod.Namespace+"/"+pod.Name, err)
}

func names(logs []printed) []string {
	var all []string
	for _, log := range logs {
		all = append(all, log.pod+" ("+log.container+")")
	}
	return all
}

// sighting is the access-log line of a request: what its field for the trace ID
// holds, and which fields it has.
type sighting struct {
	pod    string
	value  string
	fields []string
}

// in looks for the line of the request: by its path, or by its trace ID where
// the path is not written. Traefik's own log, which may speak of the request too,
// has neither.
func (s shot) in(logs []printed, field string) sighting {
	for _, log := range logs {
		for line := range strings.Lines(log.text) {
			var fields map[string]any
			if !strings.Contains(line, s.mark) && !strings.Contains(line, string(s.id)) || json.Unmarshal([]byte(line), &fields) != nil {
				continue
			}
			path, _ := fields["RequestPath"].(string)
			value, _ := fields[field].(string)
			if strings.Contains(path, s.mark) || s.id.Same(value) {
				return sighting{log.pod, value, slices.Sorted(maps.Keys(fields))}
			}
		}
	}
	return sighting{}
}

// shown is a probe as results have it.
func (s shot) shown(about sighting) map[string]any {
	return map[string]any{"url": s.url, "status": s.status, "trace_id": about.value, "pod": about.pod}
}

// proved is nil when the line holds the trace ID.
func (t target) proved(made shot, about sighting) error {
	field := t.version.TraceIDField
	switch {
	case field == "" || made.id.Same(about.value):
		return nil
	case about.value == "":
		return fault.New(fault.Unsupported, "look at accesslog.fields in Traefik's arguments, and whether traefik_version tells the version that runs",
			"the access-log line of %s has no field %s, it has %s", made.url, field, strings.Join(about.fields, ", "))
	case strings.Trim(about.value, "0") == "":
		return fault.New(fault.Unsupported, "look at Traefik's log: tracing is not on", "the access-log line of %s has a trace ID of zeros", made.url)
	case made.carried:
		return fault.New(fault.Conflict, "something before Traefik changes the headers, or the variable "+propagatorsVariable+" is not in force",
			"the access-log line of %s has the trace ID %s, and the request was sent with %s", made.url, about.value, made.id)
	}
	return nil
}

// unseen says why a line may be missing, as far as Traefik's arguments tell.
func (s shot) unseen(args []string, err error) error {
	var timed *fault.Error
	if !errors.As(err, &timed) || timed.Kind != fault.Timeout {
		return err
	}
	hint, flags := "look whether "+s.url+" leads to this Traefik", effective(args)
	switch path := flags["accesslog.filepath"]; {
	case path != "":
		hint = "the access log goes into the file " + path + ": a sidecar has to print it"
	case slices.ContainsFunc(slices.Collect(maps.Keys(flags)), func(flag string) bool { return strings.HasPrefix(flag, "accesslog.filters") }):
		hint = "accesslog.filters in Traefik's arguments may leave the line out"
	}
	return fault.As(fault.Timeout, hint, fmt.Sprintf("prove the access log: Traefik answered %d", s.status), err)
}
