// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// forward is /api/datasources/proxy/uid/:uid/*.
func (s *server) forward(who caller, r *http.Request) answer {
	if !validUID.MatchString(r.PathValue("uid")) {
		return message(http.StatusBadRequest, "UID is invalid")
	}
	d, found := s.copyOf(who, r)
	if !found {
		return because(http.StatusNotFound, "Unable to find datasource", errNotFound)
	}
	if _, isKnown := plugins[d.Type]; !isKnown {
		return message(http.StatusNotFound, "Unable to find datasource plugin")
	}
	target, err := url.Parse(d.URL)
	if err != nil || target.Host == "" {
		return message(http.StatusBadRequest, "Invalid data source URL: \""+d.URL+"\"")
	}
	return forwarded{&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Path, p.Out.URL.RawPath = "/"+r.PathValue("path"), ""
			p.SetURL(target)
			// The caller's login to Grafana is none of the data source's business.
			p.Out.Header.Del("Authorization")
			p.Out.Header.Del("Cookie")
			d.authorize(p.Out)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		},
	}}
}
