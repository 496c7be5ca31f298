// SPDX-License-Identifier: AGPL-3.0-or-later

package torture

import (
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// point is a request of a task, as every run of it makes it: without what a test
// names for itself.
type point struct {
	server, request string
	// time counts the same request within a run, from 1.
	time int
}

// passing are words of an address that differ between runs.
var passing = regexp.MustCompile(`[0-9a-f]{32}|resourceVersion=\d+|timeout=[^&]*`)

// watch counts the requests of a run, and has some of them broken.
type watch struct {
	names []string
	mu    sync.Mutex
	seen  map[point]int
	order []point

	at     point
	always bool
	broken testkit.Handle
	hits   int
}

func watching(scene Scene) *watch {
	w := &watch{names: scene.Names, seen: map[point]int{}}
	for name, server := range scene.Servers {
		server.Handle(w.handle(name))
	}
	return w
}

// breaks has the request of a point broken, once or from then on always.
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

// named is the request as all runs have it.
func (w *watch) named(server string, r *http.Request) point {
	address := r.URL.Path
	for key, values := range r.URL.Query() {
		if key == "fieldManager" || key == "dryRun" || key == "watch" || key == "labelSelector" || len(values[0]) == 0 {
			address += " " + key + "=" + values[0]
		}
	}
	for _, name := range w.names {
		address = strings.ReplaceAll(address, name, "NAME")
	}
	return point{server: server, request: r.Method + " " + passing.ReplaceAllString(address, "ID")}
}

// meets counts a request, and returns what is to be done with it, nil where it is
// let through.
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
	w.hits++
	return w.broken
}
