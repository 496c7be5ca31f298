// SPDX-License-Identifier: AGPL-3.0-or-later

// Package main is a stand-in for Grafana Loki 3.7 with tenants: it keeps in memory what is pushed to it, and answers queries
// with Loki's own code. A query is read by Loki's parser (pkg/logql/syntax), so that what Loki refuses is refused in Loki's words,
// and each line goes through the pipeline that Loki makes of it (pkg/logql/log), with its parsers and label filters.
// Ours are the HTTP around it and the memory.
//
// All of Loki builds too (cmd/loki, with the replacements of its go.mod). That takes about 890 seconds of a processor, this one at
// most 150, and the store, rings and scheduler that it adds are nothing that the proof of one log line sees.
//
// It is strict: it knows push with JSON, query_range for log lines with all its parameters given, status/buildinfo and ready.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/grafana/loki/v3/pkg/logql/syntax"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:3100", "address to serve at")
	flag.Parse()
	server := &http.Server{Addr: *listen, Handler: routes(&tenants{}), ReadHeaderTimeout: 10 * time.Second}
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "loki:", err)
		os.Exit(1)
	}
}

func routes(all *tenants) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ready") })
	mux.HandleFunc("GET /loki/api/v1/status/buildinfo", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"version": "3.7.8"})
	})
	mux.HandleFunc("POST /loki/api/v1/push", owned(all.push))
	mux.HandleFunc("GET /loki/api/v1/query_range", owned(all.query))
	return mux
}

// owned asks for the tenant as a Loki with auth_enabled does (grafana/dskit, middleware.AuthenticateUser), and tells a bad
// request from all else by its status.
func owned(serve func(tenant string, w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tenant := r.Header.Get("X-Scope-OrgID")
		if tenant == "" {
			http.Error(w, "no org id", http.StatusUnauthorized)
			return
		}
		if err := serve(tenant, w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
}

// push takes {"streams": [{"stream": LABELS, "values": [[NANOSECONDS, LINE]]}]} (docs/sources/reference/loki-http-api.md).
func (t *tenants) push(tenant string, w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Streams []struct {
			Stream map[string]string `json:"stream"`
			Values [][2]string       `json:"values"`
		} `json:"streams"`
	}
	if r.Header.Get("Content-Type") != "application/json" {
		return errors.New("this stand-in takes JSON only")
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return err
	}
	for _, stream := range body.Streams {
		if len(stream.Stream) == 0 {
			return errors.New("error at least one label pair is required per stream") // pkg/validation, MissingLabelsErrorMsg
		}
		for _, value := range stream.Values {
			at, err := strconv.ParseInt(value[0], 10, 64)
			if err != nil {
				return err
			}
			t.keep(tenant, entry{stream.Stream, at, value[1]})
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// query answers log lines. Times are in nanoseconds.
func (t *tenants) query(tenant string, w http.ResponseWriter, r *http.Request) error {
	var numbers [3]int64
	for i, name := range []string{"start", "end", "limit"} {
		number, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		numbers[i] = number
	}
	if direction := r.URL.Query().Get("direction"); direction != "backward" {
		return fmt.Errorf("this stand-in answers backward only, not %q", direction)
	}
	expression, err := syntax.ParseLogSelector(r.URL.Query().Get("query"), true)
	if err != nil {
		return err
	}
	streams, err := t.find(tenant, expression, numbers[0], numbers[1], int(numbers[2]))
	if err != nil {
		return err
	}
	answer(w, map[string]any{"status": "success", "data": map[string]any{"resultType": "streams", "result": streams}})
	return nil
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}
