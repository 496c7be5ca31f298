// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// point is a request of a task as every run makes it: without names that a test
// generates.
type point struct {
	server, request string
	// time numbers repeats of the same request within a run, from 1.
	time int
}

// passing matches parts of a URL that differ between runs.
var passing = regexp.MustCompile(`[0-9a-f]{32}|[0-9a-f]{16}|resourceVersion=\d+|timeout=[^&]*`)

// watch counts the requests of a run, and breaks some of them.
type watch struct {
	names []string
	mu    sync.Mutex
	seen  map[point]int
	order []point

	at     point
	always bool
	broken testkit.Handle
	hits   int
	// first is called when a request is broken for the first time.
	first func()
}

func watching(scene Scene) *watch {
	w := &watch{names: scene.Names, seen: map[point]int{}, first: func() {}}
	for name, server := range scene.Servers {
		server.Handle(w.handle(name))
	}
	return w
}

// breaks breaks the request of a point, once or every time from then on.
func (w *watch) breaks(at point, always bool, broken testkit.Handle) {
	w.at, w.always, w.broken = at, always, broken
}

// mended lets all requests through from now on, and returns how many were broken.
func (w *watch) mended() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = nil
	return w.hits
}

func (w *watch) handle(server string) testkit.Handle {
	return func(out http.ResponseWriter, r *http.Request, next http.Handler) {
		if broken := w.meets(w.named(server, r)); broken != nil {
			broken(out, r, next)
			return
		}
		next.ServeHTTP(out, r)
	}
}

// named is the request as all runs make it.
func (w *watch) named(server string, r *http.Request) point {
	address := r.URL.Path
	query := r.URL.Query()
	for _, key := range slices.Sorted(maps.Keys(query)) {
		values := query[key]
		if key == "fieldManager" || key == "dryRun" || key == "watch" || key == "labelSelector" || len(values[0]) == 0 {
			address += " " + key + "=" + values[0]
		}
	}
	for _, name := range w.names {
		address = strings.ReplaceAll(address, name, "NAME")
	}
	return point{server: server, request: r.Method + " " + passing.ReplaceAllString(address, "ID")}
}

// meets counts a request, and returns what handles it, nil if it is let through.
func (w *watch) meets(request point) testkit.Handle {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[request]++
	numbered := request
	numbered.time = w.seen[request]
	w.order = append(w.order, numbered)
	hit := numbered == w.at
	if w.always {
		hit = numbered.server == w.at.server && numbered.request == w.at.request && numbered.time >= w.at.time
	}
	if !hit || w.broken == nil {
		return nil
	}
	if w.hits++; w.hits == 1 {
		w.first()
	}
	return w.broken
}
