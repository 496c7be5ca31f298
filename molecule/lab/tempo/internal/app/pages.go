// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// pages are the pages of the HTTP port.
func (a *App) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", a.ready)
	mux.HandleFunc("GET /metrics", a.metrics)
	mux.HandleFunc("GET /status", a.status)
	mux.HandleFunc("GET /status/{page}", a.status)
	mux.HandleFunc("GET /memberlist", a.memberlist)
	if a.config.Edition.From(2, 3) {
		mux.HandleFunc("GET "+a.config.Prefix+"/api/status/buildinfo", a.buildInfo)
	}
	if a.has(ingester) {
		mux.HandleFunc("/flush", a.flush)
		mux.HandleFunc("/shutdown", a.shutdown)
		mux.HandleFunc("GET /ingester/ring", a.memberlist)
	}
	if a.has(querier) {
		mux.Handle("/querier/", a.querierPages())
	}
	if a.has(frontend) {
		a.frontendPages(mux)
	}
	return mux
}

// frontendPages are those of the query frontend, which forwards queries to queriers.
func (a *App) frontendPages(mux *http.ServeMux) {
	mux.HandleFunc("GET "+a.config.Prefix+"/api/echo", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "echo", http.StatusOK) })
	for path := range a.queries() {
		mux.HandleFunc("GET "+a.config.Prefix+path, func(w http.ResponseWriter, r *http.Request) {
			if _, err := a.tenant(r.Header.Get("X-Scope-OrgID")); err != nil {
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			a.pass(w, r)
		})
	}
}

// ready answers as Tempo does (grafana/tempo, cmd/tempo/app/app.go: readyHandler).
func (a *App) ready(w http.ResponseWriter, _ *http.Request) {
	if words := a.notReady(); words != "" {
		http.Error(w, words, http.StatusServiceUnavailable)
		return
	}
	http.Error(w, "ready", http.StatusOK)
}

func (a *App) notReady() string {
	services := len(a.modules())
	least := a.config.Ingester.Lifecycler.MinReady
	switch {
	case a.ending.Load() && a.config.Edition.From(2, 4):
		return "Application is stopping"
	case !a.running.Load():
		return fmt.Sprintf("Some services are not Running:\nStarting: %d\n", services)
	case a.gone.Load():
		return fmt.Sprintf("Some services are not Running:\nTerminated: 1\nRunning: %d\n", services-1)
	case a.has(ingester) && time.Since(a.since) < least:
		return fmt.Sprintf("Ingester not ready: ingester check ready failed waiting for %v after being ready", least)
	case a.has(frontend) && a.queriers.count() == 0:
		return "Query Frontend not ready: not ready: number of queriers connected to query-frontend is 0"
	}
	return ""
}

// modules are the running modules, as /status/services names them.
func (a *App) modules() []string {
	all := append([]string{"server", "overrides", "memberlist-kv"}, a.parts...)
	if a.has(distributor) || a.has(querier) {
		all = append(all, "ring")
	}
	if a.store != nil {
		all = append(all, "store")
	}
	slices.Sort(all)
	return all
}

// status shows one page, or all of them.
func (a *App) status(w http.ResponseWriter, r *http.Request) {
	pages := []string{"version", "services", "endpoints", "runtime_config", "config"}
	if page := r.PathValue("page"); page != "" {
		if !slices.Contains(pages, page) {
			http.NotFound(w, r)
			return
		}
		pages = []string{page}
	}
	var out strings.Builder
	code := http.StatusOK
	for _, page := range pages {
		fmt.Fprintf(&out, "GET /status/%s\n", page)
		if err := a.page(&out, page, r.URL.Query().Get("mode")); err != nil {
			code = http.StatusInternalServerError
			fmt.Fprintln(&out, err)
		}
	}
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(out.String()))
}

func (a *App) page(out *strings.Builder, page, mode string) error {
	switch page {
	case "version":
		fmt.Fprintf(out, "tempo, version %s (branch: HEAD, revision: stand-in)\n  build user:       \n  build date:       \n  go version:       %s\n  platform:         %s/%s\n",
			a.config.Edition.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	case "services":
		for _, name := range a.modules() {
			state := "Running"
			if name == ingester && a.gone.Load() {
				state = "Terminated"
			}
			fmt.Fprintf(out, "| %-20s | %-10s |  |\n", name, state)
		}
	case "endpoints":
		for _, path := range slices.Sorted(maps.Keys(a.queries())) {
			fmt.Fprintln(out, a.config.Prefix+path)
		}
	case "config":
		return a.writeConfig(out, mode)
	}
	return nil
}

// writeConfig shows the file's settings; Tempo's default page also has the defaults.
func (a *App) writeConfig(out *strings.Builder, mode string) error {
	shown := map[string]any{}
	switch mode {
	case "diff", "":
		shown = masked(a.config.Written)
		if mode == "" {
			shown["target"] = a.config.Target
		}
	case "defaults":
	default:
		return fmt.Errorf("unknown value for mode query parameter: %s", mode)
	}
	text, err := yaml.Marshal(shown)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "---\n%s", text)
	return nil
}

// masked hides the values of secret keys.
func masked(from map[string]any) map[string]any {
	to := map[string]any{}
	for key, value := range from {
		if below, ok := value.(map[string]any); ok {
			value = masked(below)
		}
		if (key == "secret_key" || key == "session_token") && value != "" {
			value = "<secret>"
		}
		to[key] = value
	}
	return to
}

func (a *App) buildInfo(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"version": a.config.Edition.Version, "revision": "stand-in", "branch": "HEAD",
		"buildUser": "", "buildDate": "", "goVersion": runtime.Version()})
}

func (a *App) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	fmt.Fprintf(w, "# HELP tempo_build_info What this is.\n# TYPE tempo_build_info gauge\ntempo_build_info{branch=\"HEAD\",revision=\"stand-in\",version=%q} 1\n",
		a.config.Edition.Version)
	fmt.Fprintf(w, "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %g\n",
		float64(a.began.UnixMilli())/1000)
	if a.has(ingester) {
		a.ingester.WriteMetrics(w)
	}
}

func (a *App) memberlist(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	if a.ring == nil {
		_, _ = w.Write([]byte("This instance doesn't use memberlist."))
		return
	}
	_, _ = w.Write([]byte(a.ring.Text()))
}

// flush writes all spans held to the store, and returns before that is done.
func (a *App) flush(w http.ResponseWriter, r *http.Request) {
	if tenant := r.URL.Query().Get("tenant"); tenant != "" && a.config.Edition.From(2, 2) && !a.ingester.Has(tenant) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	a.ingester.Cut()
	w.WriteHeader(http.StatusNoContent)
}

// shutdown ends the ingester, not the process.
func (a *App) shutdown(w http.ResponseWriter, _ *http.Request) {
	go func() {
		if a.ring != nil {
			a.ring.Leave()
		}
		a.ingester.Drain(context.Background())
		a.gone.Store(true)
	}()
	_, _ = w.Write([]byte("shutdown job acknowledged"))
}
