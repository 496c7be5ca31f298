// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Options says what kind of Grafana this is. The zero value is a Grafana 13.2.0
// at the root path with login admin/admin that keeps everything in memory.
type Options struct {
	// AdminUser and AdminPassword are the login of the server admin, default "admin" for both.
	AdminUser, AdminPassword string
	// DataDir is the folder of the file state.json, so that data sources survive a restart. Empty: memory only.
	DataDir string
	// ProvisioningDir is the folder with *.yaml files of data sources. Empty: none. It may be created later.
	ProvisioningDir string
	// LegacyIDRoutes serves /api/datasources/:id too, as the toggle datasourceLegacyIdApi does in Grafana 13.
	LegacyIDRoutes bool
	// SubPath is the path under which a Grafana with serve_from_sub_path answers: "/grafana". Empty: the root.
	SubPath string
	// Version is what /api/health says, default "13.2.0". It decides a few answers.
	Version string
	// Log gets one line for each request: method, path, status. Nil: no log.
	Log io.Writer
}

// server is one running stand-in.
type server struct {
	options Options
	store   *store
	cache   cache
}

// New reads the state and the provisioning files and returns the server. Like
// Grafana itself it fails when a provisioning file is invalid.
func New(options Options) (http.Handler, error) {
	options = withDefaults(options)
	kept, err := openStore(options)
	if err != nil {
		return nil, fmt.Errorf("open state in %s: %w", options.DataDir, err)
	}
	s := &server{options: options, store: kept}
	if err := s.provision(); err != nil {
		return nil, fmt.Errorf("provision data sources from %s: %w", options.ProvisioningDir, err)
	}
	return s.logged(s.underSubPath(s.routes())), nil
}

func withDefaults(o Options) Options {
	for _, field := range []struct {
		value    *string
		fallback string
	}{{&o.AdminUser, "admin"}, {&o.AdminPassword, "admin"}, {&o.Version, "13.2.0"}} {
		if *field.value == "" {
			*field.value = field.fallback
		}
	}
	o.SubPath = strings.TrimSuffix(o.SubPath, "/")
	return o
}

// underSubPath serves below the sub path and redirects everything else there, as
// Grafana does since 10 (pkg/middleware/subpath_redirect.go).
func (s *server) underSubPath(next http.Handler) http.Handler {
	prefix := s.options.SubPath
	if prefix == "" {
		return next
	}
	stripped := http.StripPrefix(prefix, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != prefix && !strings.HasPrefix(r.URL.Path, prefix+"/") {
			http.Redirect(w, r, prefix+r.URL.RequestURI(), http.StatusMovedPermanently)
			return
		}
		stripped.ServeHTTP(w, r)
	})
}

// logged writes the log line after the answer.
func (s *server) logged(next http.Handler) http.Handler {
	if s.options.Log == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, path := r.Method, r.URL.RequestURI()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		_, _ = fmt.Fprintf(s.options.Log, "%s %s %d\n", method, path, seen.status)
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
