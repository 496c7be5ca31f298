// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// plugins are the data source types that a Grafana has without extra plug-ins,
// with the path that the type's health check asks. An empty path means that the
// type has no such check in its back end: the user interface does it.
var plugins = map[string]string{
	"alertmanager": "", "cloudwatch": "", "elasticsearch": "", "grafana-postgresql-datasource": "",
	"grafana-pyroscope-datasource": "", "grafana-testdata-datasource": "", "graphite": "", "influxdb": "",
	"jaeger": "", "mssql": "", "mysql": "", "opentsdb": "", "parca": "", "zipkin": "",
	"tempo": "", // grafana/grafana issue 34919
	// pkg/tsdb/loki/healthcheck.go asks for vector(1)+vector(1), pkg/promlib for 1+1.
	"loki":       "/loki/api/v1/query?query=" + url.QueryEscape("vector(1)+vector(1)"),
	"prometheus": "/api/v1/query?query=" + url.QueryEscape("1+1"),
}

const probeTimeout = 5 * time.Second

// health needs no login.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	ok(object{"database": "ok", "version": s.options.Version, "commit": "stand-in"}).write(w, r)
}

// checkSource is /api/datasources/uid/:uid/health.
func (s *server) checkSource(who caller, r *http.Request) answer {
	if !validUID.MatchString(r.PathValue("uid")) {
		return message(http.StatusBadRequest, "UID is invalid")
	}
	d, found := s.copyOf(who, r)
	if !found {
		// Grafana answers 500 here, and not 404.
		return because(http.StatusInternalServerError, "Unable to load datasource metadata", errNotFound)
	}
	path, isKnown := plugins[d.Type]
	if !isKnown {
		return public(http.StatusNotFound, "plugin.notRegistered", "Plugin not found")
	}
	if path == "" {
		return s.noHealthCheck()
	}
	if err := probe(r.Context(), d, path); err != nil {
		return jsonAnswer{http.StatusBadRequest, object{"status": "ERROR", "message": err.Error()}}
	}
	return ok(object{"status": "OK", "message": "Successfully queried the " + title(d.Type) + " API."})
}

// noHealthCheck is 501 since 10.3 and was 404 before (pkg/plugins/errors.go,
// ErrMethodNotImplemented, and what pkg/api/plugins.go made of it earlier).
func (s *server) noHealthCheck() answer {
	var major, minor int
	_, _ = fmt.Sscanf(s.options.Version, "%d.%d", &major, &minor)
	if major < 10 || major == 10 && minor < 3 {
		return message(http.StatusNotFound, "Not found")
	}
	return public(http.StatusNotImplemented, "plugin.notImplemented", "Not implemented")
}

// copyOf returns a copy, so that nobody waits for the lock during a request to
// the data source.
func (s *server) copyOf(who caller, r *http.Request) (source, bool) {
	var held source
	var err error
	s.store.read(func(now *state) {
		var d *source
		if d, err = now.pick(who, r); err == nil {
			held = *d
		}
	})
	return held, err == nil
}

// probe asks the data source itself.
func probe(ctx context.Context, d source, path string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(d.URL, "/")+path, nil)
	if err != nil {
		return err
	}
	d.authorize(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 200))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("there was an error returned querying the %s API: %d %s", title(d.Type), response.StatusCode, body)
	}
	return nil
}

// authorize adds the data source's own login and headers.
func (d source) authorize(r *http.Request) {
	if d.BasicAuth {
		r.SetBasicAuth(d.BasicAuthUser, d.Secure["basicAuthPassword"])
	}
	for i := 1; ; i++ {
		name, isText := d.JSONData["httpHeaderName"+strconv.Itoa(i)].(string)
		if !isText || name == "" {
			return // Grafana stops at the first number that is missing
		}
		r.Header.Set(name, d.Secure["httpHeaderValue"+strconv.Itoa(i)])
	}
}

func title(kind string) string { return strings.ToUpper(kind[:1]) + kind[1:] }
