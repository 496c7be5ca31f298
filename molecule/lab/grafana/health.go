// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// check is the health check of a plug-in's back end. Without a path the type
// has none: the user interface does it.
type check struct {
	path string
	// major and minor are those of the first Grafana that has it.
	major, minor int
}

// plugins are the data source types that a Grafana has without extra plug-ins.
var plugins = map[string]check{
	"alertmanager": {}, "cloudwatch": {}, "elasticsearch": {}, "grafana-postgresql-datasource": {},
	"grafana-pyroscope-datasource": {}, "grafana-testdata-datasource": {}, "graphite": {}, "influxdb": {},
	"jaeger": {}, "mssql": {}, "mysql": {}, "opentsdb": {}, "parca": {}, "zipkin": {},
	// grafana/grafana pull request 111668; with streaming on it tries a streamed
	// search, for which the stand-in checks Tempo's streaming setting.
	"tempo": {"/api/echo", 12, 3},
	// pkg/tsdb/loki/healthcheck.go, pull request 74330
	"loki": {"/loki/api/v1/query?query=" + url.QueryEscape("vector(1)+vector(1)"), 10, 2},
	// pkg/promlib
	"prometheus": {"/api/v1/query?query=" + url.QueryEscape("1+1"), 0, 0},
}

// streamed is the setting without which a streamed search of Tempo fails.
var streamed = regexp.MustCompile(`(?m)^stream_over_http_enabled: true$`)

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
		// Grafana answers 500 here, not 404.
		return because(http.StatusInternalServerError, "Unable to load datasource metadata", errNotFound)
	}
	check, isKnown := plugins[d.Type]
	if !isKnown {
		return public(http.StatusNotFound, "plugin.notRegistered", "Plugin not registered")
	}
	if check.path == "" || s.olderThan(check.major, check.minor) {
		return s.noHealthCheck()
	}
	if err := d.test(r.Context(), check.path); err != nil {
		return jsonAnswer{http.StatusBadRequest, object{"status": "ERROR", "message": err.Error()}}
	}
	return ok(object{"status": "OK", "message": "Successfully queried the " + title(d.Type) + " API."})
}

// test is the plug-in's check.
func (d source) test(ctx context.Context, path string) error {
	streaming, _ := d.JSONData["streamingEnabled"].(object)
	if d.Type != "tempo" || streaming["search"] != true {
		_, err := d.probe(ctx, path)
		return err
	}
	config, err := d.probe(ctx, "/status/config?mode=diff")
	if err == nil && !streamed.Match(config) {
		err = errors.New("rpc error: code = Unimplemented desc = unexpected HTTP status code received from server: 404 (Not Found)")
	}
	return err
}

// noHealthCheck is 404, since pull request 74928 (10.2) with its own message
// (pkg/plugins/errors.go, ErrMethodNotImplemented).
func (s *server) noHealthCheck() answer {
	if s.olderThan(10, 2) {
		return message(http.StatusNotFound, "Not found")
	}
	return public(http.StatusNotFound, "plugin.notImplemented", "Method not implemented")
}

func (s *server) olderThan(major, minor int) bool {
	var ownMajor, ownMinor int
	_, _ = fmt.Sscanf(s.options.Version, "%d.%d", &ownMajor, &ownMinor)
	return ownMajor < major || ownMajor == major && ownMinor < minor
}

// probe sends the request to the data source.
func (d source) probe(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(d.URL, "/")+path, nil)
	if err != nil {
		return nil, err
	}
	d.authorize(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("there was an error returned querying the %s API: %d %.200s", title(d.Type), response.StatusCode, body)
	}
	return body, err
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
