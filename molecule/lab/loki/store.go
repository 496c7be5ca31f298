// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// entry is a stored line.
type entry struct {
	at       int64 // in nanoseconds
	line     string
	metadata map[string]string
}

// stream is the lines of one set of labels, oldest first.
type stream struct {
	labels  map[string]string
	entries []entry
}

// store holds the streams of all tenants, by tenant and labels.
type store struct {
	sync.RWMutex
	tenants map[string]map[string]*stream
}

// behind is how much older than the newest line of its stream a line may be; keep is how many lines of a stream are kept.
const (
	behind = time.Hour
	keep   = 50_000
)

// add stores lines of one stream and says which were too far behind. A duplicate line is stored once.
func (s *store) add(tenant string, labels map[string]string, lines []entry) error {
	s.Lock()
	defer s.Unlock()
	if s.tenants[tenant] == nil {
		s.tenants[tenant] = map[string]*stream{}
	}
	key := text(labels)
	to := s.tenants[tenant][key]
	if to == nil {
		to = &stream{labels: labels}
		s.tenants[tenant][key] = to
	}
	var late []string
	for _, line := range lines {
		if oldest := to.newest() - int64(behind); line.at < oldest {
			late = append(late, fmt.Sprintf("entry with timestamp %s ignored, reason: 'entry too far behind, entry timestamp is: %s, oldest acceptable timestamp is: %s',\n",
				time.Unix(0, line.at).UTC(), stamp(line.at), stamp(oldest)))
			continue
		}
		to.insert(line)
	}
	if late == nil {
		return nil
	}
	return fmt.Errorf("%suser '%s', total ignored: %d out of %d for stream: %s", strings.Join(late, ""), tenant, len(late), len(lines), key)
}

func stamp(at int64) string { return time.Unix(0, at).UTC().Format(time.RFC3339) }

func (s *stream) newest() int64 {
	if len(s.entries) == 0 {
		return 0
	}
	return s.entries[len(s.entries)-1].at
}

// insert puts a line after all that are not newer.
func (s *stream) insert(line entry) {
	at := sort.Search(len(s.entries), func(i int) bool { return s.entries[i].at > line.at })
	for i := at - 1; i >= 0 && s.entries[i].at == line.at; i-- {
		if s.entries[i].line == line.line && maps.Equal(s.entries[i].metadata, line.metadata) {
			return
		}
	}
	s.entries = slices.Insert(s.entries, at, line)
	if len(s.entries) > keep {
		s.entries = slices.Delete(s.entries, 0, len(s.entries)-keep)
	}
}

// streams are those of a tenant that match all matchers and have lines from start to before end, sorted by their labels.
func (s *store) streams(tenant string, selector []matcher, start, end int64) (all []stream) {
	s.RLock()
	defer s.RUnlock()
	for _, key := range slices.Sorted(maps.Keys(s.tenants[tenant])) {
		one := s.tenants[tenant][key]
		within := slices.DeleteFunc(slices.Clone(one.entries), func(line entry) bool { return line.at < start || line.at >= end })
		misfit := func(m matcher) bool { return !m.fits(one.labels[m.name]) }
		if len(within) > 0 && !slices.ContainsFunc(selector, misfit) {
			all = append(all, stream{one.labels, within})
		}
	}
	return all
}

// text writes labels as a selector does.
func text(labels map[string]string) string {
	parts := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, fmt.Sprintf("%s=%q", name, labels[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
