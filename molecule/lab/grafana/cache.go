// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"
)

// fresh is how long a data source is taken from the cache
// (pkg/services/datasources/service/cache.go, DefaultCacheTTL).
const fresh = 5 * time.Second

// cache is what health checks and the proxy use. A change to a data source
// does not clear it.
type cache struct {
	lock sync.Mutex
	held map[string]cached
}

type cached struct {
	source source
	until  time.Time
}

// copyOf returns a copy, so that nothing waits for the lock during a request to
// the data source. The header is that of pkg/middleware, HandleNoCacheHeader.
func (s *server) copyOf(who caller, r *http.Request) (source, bool) {
	s.cache.lock.Lock()
	defer s.cache.lock.Unlock()
	key := fmt.Sprintf("%d %s", who.orgID, r.PathValue("uid"))
	if kept, known := s.cache.held[key]; known && time.Now().Before(kept.until) && r.Header.Get("X-Grafana-NoCache") != "true" {
		return kept.source, true
	}
	held, found := s.copyNow(who, r)
	if found {
		if s.cache.held == nil {
			s.cache.held = map[string]cached{}
		}
		s.cache.held[key] = cached{held, time.Now().Add(fresh)}
	}
	return held, found
}

func (s *server) copyNow(who caller, r *http.Request) (source, bool) {
	var held source
	var err error
	s.store.read(func(now *state) {
		var d *source
		if d, err = now.pick(who, r); err == nil {
			held = *d
			held.Secure = maps.Clone(d.Secure)
		}
	})
	return held, err == nil
}
