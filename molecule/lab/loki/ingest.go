// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serviceLabels are the labels of which the first that exists becomes service_name (discover_service_name).
var serviceLabels = strings.Fields("service app application app_name name app_kubernetes_io_name container container_name k8s_container_name component workload job k8s_job_name")

// ingest stores the lines within the limits, and reports the others.
func (s *server) ingest(tenant string, batches []batch) error {
	if len(batches) == 0 {
		return &refusal{http.StatusUnprocessableEntity, "error at least one valid stream is required for ingestion"}
	}
	var refused []string
	for _, one := range batches {
		maps.DeleteFunc(one.labels, func(_, value string) bool { return value == "" })
		names := len(one.labels)
		if one.labels["service_name"] == "" {
			one.labels["service_name"] = serviceOf(one.labels)
		} else {
			names--
		}
		lines, why := s.valid(one, names)
		refused = append(refused, why...)
		if len(lines) == 0 {
			continue
		}
		if err := s.store.add(tenant, one.labels, lines); err != nil {
			return bad("%v", err)
		}
	}
	return grouped(refused)
}

func serviceOf(labels map[string]string) string {
	for _, name := range serviceLabels {
		if labels[name] != "" {
			return labels[name]
		}
	}
	return "unknown_service"
}

// grouped is the one message for all refused lines.
func grouped(refused []string) error {
	slices.Sort(refused)
	switch distinct := slices.Compact(slices.Clone(refused)); len(distinct) {
	case 0:
		return nil
	case 1:
		return bad("%s", refused[0])
	default:
		for i, one := range distinct {
			same := func(other string) bool { return other != one }
			distinct[i] = fmt.Sprintf("%d errors like: %s", len(slices.DeleteFunc(slices.Clone(refused), same)), one)
		}
		return bad("%s", strings.Join(distinct, "; "))
	}
}

// valid returns the lines within the limits, ready to be stored; names counts the labels without service_name.
func (s *server) valid(one batch, names int) (lines []entry, refused []string) {
	limit, whole := s.config.Limits, text(one.labels)
	if names > limit.LabelNames {
		return nil, []string{fmt.Sprintf("entry for stream '%s' has %d label names; limit %d", whole, names, limit.LabelNames)}
	}
	for name, value := range one.labels {
		switch {
		case len(name) > limit.LabelName:
			return nil, []string{fmt.Sprintf("stream '%s' has label name too long: '%s'", whole, name)}
		case len(value) > limit.LabelValue:
			return nil, []string{fmt.Sprintf("stream '%s' has label value too long: '%s'", whole, value)}
		}
	}
	for _, line := range one.lines {
		if why := s.wrong(line, whole); why != "" {
			refused = append(refused, why)
			continue
		}
		metadata := map[string]string{}
		for name, value := range line.metadata {
			metadata[labelName(name, true)] = value
		}
		metadata["detected_level"] = cmp.Or(metadata["detected_level"], detect(line.line, metadata))
		line.metadata = metadata
		lines = append(lines, line)
	}
	return lines, refused
}

// wrong says which limit a line exceeds, if any.
func (s *server) wrong(line entry, stream string) string {
	limit, now := s.config.Limits, time.Now()
	oldest := now.Add(-limit.OldestAge).UnixNano()
	switch {
	case line.at < oldest:
		return fmt.Sprintf("entry for stream '%s' has timestamp too old: %s, oldest acceptable timestamp is: %s", stream, stamp(line.at), stamp(oldest))
	case line.at > now.Add(limit.NewestAhead).UnixNano():
		return fmt.Sprintf("entry for stream '%s' has timestamp too new: %s", stream, stamp(line.at))
	case len(line.line) > limit.LineSize:
		return fmt.Sprintf("max entry size '%d' bytes exceeded for stream '%s' while adding an entry with length '%d' bytes", limit.LineSize, stream, len(line.line))
	case len(line.metadata) > limit.Metadata:
		return fmt.Sprintf("stream '%s' has too many structured metadata labels: '%d', limit: '%d'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it", stream, len(line.metadata), limit.Metadata)
	}
	return ""
}
