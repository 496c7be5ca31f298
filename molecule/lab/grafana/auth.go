// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// Roles within an organization.
const (
	roleAdmin  = "Admin"
	roleEditor = "Editor"
	roleViewer = "Viewer"
)

// caller is the sender of a request, in the organization of the request.
type caller struct {
	user        *user // nil for a service account
	orgID       int64 // -1 when the user is not a member of the organization asked for
	role        string
	serverAdmin bool
}

// serverWide are the permissions that only a server admin with a user login has.
var serverWide = map[string]bool{mayReload: true, mayOrgs: true, mayOrgNew: true, mayUsers: true}

// lacks returns Grafana's refusal (pkg/services/accesscontrol/middleware.go), or nil.
func (c caller) lacks(permission string) answer {
	if c.has(permission) {
		return nil
	}
	return jsonAnswer{http.StatusForbidden, object{
		"title":         "Access denied",
		"message":       "You'll need additional permissions to perform this action. Permissions needed: " + permission,
		"accessErrorId": "ACE0000000000",
	}}
}

func (c caller) has(permission string) bool {
	switch {
	case permission == mayBeHere:
		return true
	case serverWide[permission]:
		return c.serverAdmin
	case c.orgID < 1:
		return false
	}
	return c.role == roleAdmin || permission == mayQuery
}

// identify finds the caller, or says why there is none.
func (s *server) identify(r *http.Request) (caller, answer) {
	s.store.lock.Lock()
	defer s.store.lock.Unlock()
	header := r.Header.Get("Authorization")
	if token, isBearer := strings.CutPrefix(header, "Bearer "); isBearer {
		return s.byToken(token, wantedOrg(r))
	}
	name, password, isBasic := r.BasicAuth()
	if !isBasic {
		return caller{}, public(http.StatusUnauthorized, "auth.unauthorized", "Unauthorized")
	}
	// Grafana also takes a token as the password of the user api_key (authn/clients/api_key.go).
	if name == "api_key" {
		return s.byToken(password, wantedOrg(r))
	}
	return s.byPassword(name, password, wantedOrg(r))
}

// wantedOrg reads the header; 0 means none or not a number, which Grafana ignores.
func wantedOrg(r *http.Request) int64 {
	id, err := strconv.ParseInt(r.Header.Get("X-Grafana-Org-Id"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

func (s *server) byPassword(name, password string, orgID int64) (caller, answer) {
	known := s.store.state.userNamed(name)
	if known == nil || subtle.ConstantTimeCompare([]byte(known.Password), []byte(password)) != 1 {
		return caller{}, public(http.StatusUnauthorized, "password-auth.failed", "Invalid username or password")
	}
	if orgID == 0 {
		orgID = known.OrgID
	}
	role, isMember := known.Roles[orgID]
	if !isMember {
		// Grafana signs such a user in to "Org missing" (services/user/userimpl/store.go).
		orgID = -1
	}
	return caller{user: known, orgID: orgID, role: role, serverAdmin: known.ServerAdmin}, nil
}

func (s *server) byToken(token string, orgID int64) (caller, answer) {
	owner := s.store.state.accountOfToken(hashed(token))
	if owner == nil {
		return caller{}, public(http.StatusUnauthorized, "api-key.invalid", "Invalid API key")
	}
	if orgID != 0 && orgID != owner.OrgID {
		return caller{}, public(http.StatusUnauthorized, "api-key.organization-mismatch",
			"API key does not belong to the requested organization")
	}
	return caller{orgID: owner.OrgID, role: owner.Role}, nil
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
