// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func basic(login string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login))
}

// token makes a service account of the role and returns "Bearer …".
func (c client) token(role string) string {
	status, account := c.do("POST", "/api/serviceaccounts", `{"name":"sa-`+role+`","role":"`+role+`"}`)
	require.Equal(c.t, 201, status)
	status, made := c.do("POST", fmt.Sprintf("/api/serviceaccounts/%v/tokens", account["id"]), `{"name":"t"}`)
	require.Equal(c.t, 200, status)
	return "Bearer " + made["key"].(string)
}

func TestLogins(t *testing.T) {
	admin := start(t, Options{})
	admin.do("POST", "/api/datasources", tempo)
	admin.do("POST", "/api/admin/users", `{"login":"viewer","password":"viewer1"}`)
	adminToken, viewerToken := admin.token("Admin"), admin.token("Viewer")
	tests := map[string]struct {
		reason, login, org, method, path string
		status                           int
		message                          string
	}{
		"nobody":           {"no header at all", "", "", "GET", "/api/datasources", 401, "Unauthorized"},
		"wrong password":   {"bad basic", basic("admin:no"), "", "GET", "/api/datasources", 401, "Invalid username or password"},
		"wrong token":      {"bad bearer", "Bearer glsa_x", "", "GET", "/api/datasources", 401, "Invalid API key"},
		"token":            {"an Admin account is allowed", adminToken, "", "GET", "/api/datasources/uid/tempo", 200, ""},
		"token other org":  {"a token belongs to one organization", adminToken, "7", "GET", "/api/datasources/uid/tempo", 401, "API key does not belong to the requested organization"},
		"viewer token":     {"a Viewer may not read", viewerToken, "", "GET", "/api/datasources/uid/tempo", 403, "You'll need additional permissions to perform this action. Permissions needed: datasources:read"},
		"viewer delete":    {"nor delete", basic("viewer:viewer1"), "", "DELETE", "/api/datasources/uid/tempo", 403, "You'll need additional permissions to perform this action. Permissions needed: datasources:delete"},
		"org not member":   {"the user is not a member", basic("admin:admin"), "99", "GET", "/api/datasources/uid/tempo", 403, "You'll need additional permissions to perform this action. Permissions needed: datasources:read"},
		"reload by token":  {"not for a service account", adminToken, "", "POST", "/api/admin/provisioning/datasources/reload", 403, "You'll need additional permissions to perform this action. Permissions needed: provisioning:reload"},
		"reload by viewer": {"nor for a user", basic("viewer:viewer1"), "", "POST", "/api/admin/provisioning/datasources/reload", 403, "You'll need additional permissions to perform this action. Permissions needed: provisioning:reload"},
		"reload":           {"the server admin is allowed", basic("admin:admin"), "", "POST", "/api/admin/provisioning/datasources/reload", 200, "Datasources config reloaded"},
		"user":             {"who am I", basic("viewer:viewer1"), "", "GET", "/api/user", 200, ""},
		"user of token":    {"a service account has no profile", adminToken, "", "GET", "/api/user", 404, "user not found"},
		"no such org":      {"by name", basic("admin:admin"), "", "GET", "/api/orgs/name/Nope", 404, "Organization not found"},
		"org for viewer":   {"organizations require the server admin", basic("viewer:viewer1"), "", "GET", "/api/orgs/name/Main%20Org.", 403, "You'll need additional permissions to perform this action. Permissions needed: orgs:read"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := admin
			c.t = t
			c = c.with("Authorization", tc.login)
			if tc.login == "" {
				c.header.Del("Authorization")
			}
			if tc.org != "" {
				c = c.with("X-Grafana-Org-Id", tc.org)
			}
			status, body := c.do(tc.method, tc.path, "")
			require.Equal(t, tc.status, status, tc.reason)
			if tc.message != "" {
				require.Equal(t, tc.message, body["message"], tc.reason)
			}
		})
	}
}

// community.grafana reads the version and switches the user before each command.
func TestOrganizationInUse(t *testing.T) {
	c := start(t, Options{Version: "11.6.0"})
	_, settings := c.do("GET", "/api/frontend/settings", "")
	require.Equal(t, "11.6.0", settings["buildInfo"].(map[string]any)["version"])
	_, made := c.do("POST", "/api/orgs", `{"name":"Other"}`)
	_, orgs := c.raw("GET", "/api/user/orgs", "")
	require.JSONEq(t, fmt.Sprintf(`[{"orgId":1,"name":"Main Org.","role":"Admin"},{"orgId":%v,"name":"Other","role":"Admin"}]`, made["orgId"]), orgs)
	status, _ := c.do("POST", fmt.Sprintf("/api/user/using/%v", made["orgId"]), "")
	require.Equal(t, 200, status)
	_, user := c.do("GET", "/api/user", "")
	require.Equal(t, made["orgId"], user["orgId"])
	for path, wanted := range map[string]int{"/api/user/using/77": 401, "/api/user/using/x": 400} {
		status, _ = c.do("POST", path, "")
		require.Equal(t, wanted, status, path)
	}
}

func TestOrganizationsAreSeparate(t *testing.T) {
	c := start(t, Options{})
	c.do("POST", "/api/datasources", tempo)
	_, made := c.do("POST", "/api/orgs", `{"name":"Other"}`)
	_, found := c.do("GET", "/api/orgs/name/Other", "")
	require.Equal(t, made["orgId"], found["id"])
	other := c.with("X-Grafana-Org-Id", fmt.Sprint(made["orgId"]))
	status, _ := other.do("GET", "/api/datasources/uid/tempo", "")
	require.Equal(t, 404, status)
	status, _ = other.do("POST", "/api/datasources", tempo)
	require.Equal(t, 200, status, "name and uid are unique per organization")
	_, user := c.do("GET", "/api/user", "")
	require.Equal(t, 1.0, user["orgId"], "the header does not switch the user's organization")
	status, _ = c.do("POST", "/api/orgs", `{"name":"Other"}`)
	require.Equal(t, 409, status)
}
