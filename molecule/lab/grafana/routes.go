// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"net/http"
	"strings"
)

// Permissions, named as in Grafana's answers.
const (
	mayRead   = "datasources:read"
	mayCreate = "datasources:create"
	mayWrite  = "datasources:write"
	mayDelete = "datasources:delete"
	mayQuery  = "datasources:query"
	mayReload = "provisioning:reload"
	mayOrgs   = "orgs:read"
	mayOrgNew = "orgs:create"
	mayUsers  = "users:create"
	mayTokens = "serviceaccounts:write"
	mayBeHere = "" // any login
)

// handler answers one request of an authenticated caller.
type handler func(who caller, r *http.Request) answer

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	s.dataSourceRoutes(mux)
	if s.options.LegacyIDRoutes {
		s.legacyRoutes(mux)
	}
	add := func(pattern, permission string, h handler) { mux.Handle(pattern, s.guarded(permission, h)) }
	add("GET /api/user", mayBeHere, s.currentUser)
	add("GET /api/user/orgs", mayBeHere, s.userOrgs)
	add("POST /api/user/using/{id}", mayBeHere, s.useOrg)
	add("GET /api/frontend/settings", mayBeHere, s.frontendSettings)
	add("GET /api/org", mayBeHere, s.currentOrg)
	add("GET /api/orgs/name/{name}", mayOrgs, s.orgByName)
	add("POST /api/orgs", mayOrgNew, s.createOrg)
	add("POST /api/admin/users", mayUsers, s.createUser)
	add("POST /api/serviceaccounts", mayTokens, s.createAccount)
	add("POST /api/serviceaccounts/{id}/tokens", mayTokens, s.createToken)
	add("POST /api/admin/provisioning/datasources/reload", mayReload, s.reload)
	mux.HandleFunc("GET /api/health", s.health)
	mux.HandleFunc("/", notFound)
	return mux
}

func (s *server) dataSourceRoutes(mux *http.ServeMux) {
	add := func(pattern, permission string, h handler) { mux.Handle(pattern, s.guarded(permission, h)) }
	add("GET /api/datasources", mayRead, s.listSources)
	add("POST /api/datasources", mayCreate, s.createSource)
	add("GET /api/datasources/uid/{uid}", mayRead, s.showSource)
	add("PUT /api/datasources/uid/{uid}", mayWrite, s.updateSource)
	add("DELETE /api/datasources/uid/{uid}", mayDelete, s.deleteSource)
	add("GET /api/datasources/name/{name}", mayRead, s.showSource)
	add("DELETE /api/datasources/name/{name}", mayDelete, s.deleteSource)
	add("/api/datasources/uid/{uid}/health", mayQuery, s.checkSource)
	add("/api/datasources/proxy/uid/{uid}/{path...}", mayQuery, s.forward)
}

// legacyRoutes are those that Grafana 13 leaves out by default
// (grafana/grafana pull request 119930).
func (s *server) legacyRoutes(mux *http.ServeMux) {
	add := func(pattern, permission string, h handler) { mux.Handle(pattern, s.guarded(permission, h)) }
	add("GET /api/datasources/{id}", mayRead, s.showSource)
	add("PUT /api/datasources/{id}", mayWrite, s.updateSource)
	add("DELETE /api/datasources/{id}", mayDelete, s.deleteSource)
	add("GET /api/datasources/id/{name}", mayRead, s.showSourceID)
}

// guarded admits callers who are logged in and have the permission.
func (s *server) guarded(permission string, next handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, refusal := s.identify(r)
		if refusal == nil {
			refusal = who.lacks(permission)
		}
		if refusal != nil {
			refusal.write(w, r)
			return
		}
		next(who, r).write(w, r)
	})
}

// notFound answers as Grafana's NotFoundHandler: JSON below /api, else its page.
func notFound(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/api") {
		message(http.StatusNotFound, "Not found").write(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("<!DOCTYPE html><html><title>Grafana</title><body>stand-in</body></html>\n"))
}
