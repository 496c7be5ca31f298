// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// server is the stand-in.
type server struct {
	config config
	store  store
	ready  time.Time
}

// Run serves until the context ends; arguments and file are Loki's.
func Run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("loki", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	path := flags.String("config.file", "", "")
	version, verify := flags.Bool("version", false, ""), flags.Bool("verify-config", false, "")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w\nRun with -help to get list of available parameters", err)
	}
	if *version {
		fmt.Fprintf(out, "loki, version %s (the lab's stand-in)\n", Version)
		return nil
	}
	settings, err := readConfig(*path)
	if err != nil || *verify {
		return err
	}
	return serve(ctx, settings)
}

func serve(ctx context.Context, settings config) error {
	s := &server{config: settings, store: store{tenants: map[string]map[string]*stream{}}}
	s.ready = time.Now().Add(settings.Ingester.Lifecycler.MinReady)
	address := net.JoinHostPort(settings.Server.Address, strconv.Itoa(settings.Server.Port))
	running := &http.Server{Addr: address, Handler: s, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = running.Close() }) // open requests end with it
	if err := running.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// refusal is an error response.
type refusal struct {
	status int
	words  string
}

func (r *refusal) Error() string { return r.words }

func bad(format string, args ...any) error {
	return &refusal{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// route is a path of the API: its methods, and what it answers a tenant. A nil answer is 204.
type route struct {
	path, methods string
	answer        func(s *server, tenant string, r *http.Request) (any, error)
}

var routes = []route{
	{"/loki/api/v1/push", "POST", (*server).push},
	{"/otlp/v1/logs", "POST", (*server).otlp},
	{"/loki/api/v1/query_range", "GET POST", (*server).queryRange},
	{"/loki/api/v1/query", "GET POST", (*server).query},
	{"/loki/api/v1/labels", "GET POST", (*server).labels},
	{"/loki/api/v1/label", "GET POST", (*server).labels},
	{"/loki/api/v1/label/{name}/values", "GET POST", (*server).values},
	{"/loki/api/v1/series", "GET POST", (*server).series},
}

// ServeHTTP answers what needs no tenant, then the routes.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ready":
		if time.Now().Before(s.ready) {
			http.Error(w, "Ingester not ready: waiting for "+s.config.Ingester.Lifecycler.MinReady.String()+" after being ready", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "ready")
		return
	case "/loki/api/v1/status/buildinfo":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"version":%q,"revision":"","branch":"","buildUser":"","buildDate":"","goVersion":""}`, Version)
		return
	}
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.HandleFunc(route.path, func(w http.ResponseWriter, r *http.Request) { s.serveRoute(route, w, r) })
	}
	mux.ServeHTTP(w, r)
}

func (s *server) serveRoute(route route, w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(strings.Fields(route.methods), r.Method) {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	var answer any
	tenant, err := s.tenant(r)
	if err == nil {
		answer, err = route.answer(s, tenant, r)
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused) && route.path == "/otlp/v1/logs" && refused.status != http.StatusUnauthorized:
		refuseOTLP(w, refused)
	case errors.As(err, &refused):
		http.Error(w, refused.words, refused.status)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_ = json.NewEncoder(w).Encode(answer) // the client may be gone
	}
}

// tenant is whose data a request is about. Without tenants all data belong to one that Loki calls fake.
func (s *server) tenant(r *http.Request) (string, error) {
	if !s.config.AuthEnabled {
		return "fake", nil
	}
	name := r.Header.Get("X-Scope-OrgID")
	if name == "" {
		return "", &refusal{http.StatusUnauthorized, "no org id"}
	}
	if strings.Contains(name, "|") {
		return "", &refusal{http.StatusInternalServerError, "multiple org IDs present"}
	}
	if name == "." || name == ".." {
		return "", bad("tenant ID is '.' or '..'")
	}
	for _, letter := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!-_.*'()", letter) {
			return "", bad("tenant ID '%s' contains unsupported character '%c'", name, letter)
		}
	}
	return name, nil
}
