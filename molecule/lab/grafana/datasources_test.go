// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStatus checks the documented status codes on a stand-in that already
// has the data source Tempo.
func TestStatus(t *testing.T) {
	tests := map[string]struct {
		reason             string
		method, path, body string
		status             int
		message            string
	}{
		"list":          {"all of the organization", "GET", "/api/datasources/uid/tempo", "", 200, ""},
		"by name":       {"names have routes, too", "GET", "/api/datasources/name/Tempo", "", 200, ""},
		"absent uid":    {"404 and not an empty body", "GET", "/api/datasources/uid/loki", "", 404, "Data source not found"},
		"absent name":   {"404 by name", "DELETE", "/api/datasources/name/Loki", "", 404, "Data source not found"},
		"numeric id":    {"Grafana 13 has no numeric routes", "GET", "/api/datasources/2", "", 404, "Not found"},
		"numeric put":   {"nor for writing", "PUT", "/api/datasources/2", tempo, 404, "Not found"},
		"unknown route": {"below /api the error is JSON", "PATCH", "/api/datasources/uid/tempo", "{}", 404, "Not found"},
		"name taken":    {"409 mentions the name", "POST", "/api/datasources", `{"name":"Tempo","uid":"t2","type":"tempo","access":"proxy","url":"http://t"}`, 409, "data source with the same name already exists"},
		"uid taken":     {"409 mentions the uid", "POST", "/api/datasources", `{"name":"Other","uid":"tempo","type":"tempo","access":"proxy","url":"http://t"}`, 409, "data source with the same uid already exists"},
		"bad uid":       {"short uid rule", "POST", "/api/datasources", `{"name":"Other","uid":"a b","type":"tempo","access":"proxy","url":"http://t"}`, 400, "Invalid datasource UID."},
		"unknown key":   {"Grafana would ignore it", "POST", "/api/datasources", `{"name":"O","type":"tempo","access":"proxy","url":"http://t","isdefaults":true}`, 400, "bad request data"},
		"wrong type":    {"models are typed", "POST", "/api/datasources", `{"name":"O","type":"tempo","access":"proxy","url":"http://t","isDefault":"yes"}`, 400, "bad request data"},
		"secret number": {"secrets are strings", "POST", "/api/datasources", `{"name":"O","type":"tempo","access":"proxy","url":"http://t","secureJsonData":{"a":1}}`, 400, "bad request data"},
		"json list":     {"jsonData is an object", "POST", "/api/datasources", `{"name":"O","type":"tempo","access":"proxy","url":"http://t","jsonData":[]}`, 400, "bad request data"},
		"no access":     {"required by Grafana's struct", "POST", "/api/datasources", `{"name":"O","type":"tempo","url":"http://t"}`, 400, "bad request data"},
		"two values":    {"one body, one value", "POST", "/api/datasources", tempo + tempo, 400, "bad request data"},
		"no url":        {"Tempo needs one", "PUT", "/api/datasources/uid/tempo", `{"name":"Tempo","type":"tempo","access":"proxy"}`, 400, "Validation error, invalid URL"},
		"bad url":       {"the URL is parsed", "POST", "/api/datasources", `{"name":"O","type":"tempo","access":"proxy","url":"://x"}`, 400, "Validation error, invalid URL"},
		"long url":      {"255 bytes", "POST", "/api/datasources", `{"name":"O","type":"tempo","access":"proxy","url":"http://` + long + `"}`, 400, "Invalid datasource url."},
		"put absent":    {"an update does not create", "PUT", "/api/datasources/uid/loki", tempo, 404, "Data source not found"},
		"update":        {"200", "PUT", "/api/datasources/uid/tempo", tempo, 200, "Datasource updated"},
		"delete":        {"200 with a message", "DELETE", "/api/datasources/uid/tempo", "", 200, "Data source deleted"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := start(t, Options{})
			status, _ := c.do("POST", "/api/datasources", tempo)
			require.Equal(t, 200, status)
			status, body := c.do(tc.method, tc.path, tc.body)
			require.Equal(t, tc.status, status, tc.reason)
			if tc.message != "" {
				require.Equal(t, tc.message, body["message"], tc.reason)
			}
		})
	}
}

// long is 256 bytes.
const long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" +
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func TestSecretsAreNeverReturned(t *testing.T) {
	c := start(t, Options{})
	status, text := c.raw("POST", "/api/datasources",
		`{"name":"Loki","uid":"loki","type":"loki","access":"proxy","url":"http://l","secureJsonData":{"httpHeaderValue1":"CANARY","empty":""}}`)
	require.Equal(t, 200, status)
	require.NotContains(t, text, "CANARY")
	_, body := c.do("GET", "/api/datasources/uid/loki", "")
	require.Equal(t, map[string]any{"httpHeaderValue1": true}, body["secureJsonFields"])
	_, text = c.raw("GET", "/api/datasources", "")
	require.NotContains(t, text, "CANARY")
}

func TestUpdateKeepsWhatIsEmptyAndSecret(t *testing.T) {
	c := start(t, Options{})
	c.do("POST", "/api/datasources", `{"name":"P","uid":"p","type":"grafana-testdata-datasource","access":"proxy","url":"http://p",`+
		`"user":"u","jsonData":{"a":1},"secureJsonData":{"k":"v"}}`)
	c.do("PUT", "/api/datasources/uid/p", `{"name":"P","type":"grafana-testdata-datasource","access":"direct","jsonData":{"b":2}}`)
	_, body := c.do("GET", "/api/datasources/uid/p", "")
	require.Equal(t, "http://p", body["url"], "an empty url is not written")
	require.Empty(t, body["user"], "an empty user is")
	require.Equal(t, map[string]any{"b": 2.0}, body["jsonData"], "jsonData is replaced as a whole")
	require.Equal(t, map[string]any{"k": true}, body["secureJsonFields"], "secrets that are not named are kept")
	require.Equal(t, "direct", body["access"])
}

// community.grafana sends orgId, and what it read from Grafana.
func TestKeysThatGrafanaIgnores(t *testing.T) {
	c := start(t, Options{})
	status, body := c.do("POST", "/api/datasources", `{"name":"Tempo","uid":"tempo","type":"tempo","access":"proxy","url":"http://t","orgId":9,"version":7}`)
	require.Equal(t, 200, status, body)
	_, read := c.raw("GET", "/api/datasources/uid/tempo", "")
	status, body = c.do("PUT", "/api/datasources/uid/tempo", read)
	require.Equal(t, 200, status, body)
	_, found := c.do("GET", "/api/datasources/uid/tempo", "")
	require.Equal(t, 1.0, found["orgId"], "the organization is the caller's")
	require.Equal(t, 2.0, found["version"], "a new data source has version 1")
}

func TestVersions(t *testing.T) {
	c := start(t, Options{})
	c.do("POST", "/api/datasources", tempo)
	withVersion := func(v string) string {
		return `{"name":"Tempo","type":"tempo","access":"proxy","url":"http://t","version":` + v + `}`
	}
	status, _ := c.do("PUT", "/api/datasources/uid/tempo", withVersion("1"))
	require.Equal(t, 200, status)
	status, body := c.do("PUT", "/api/datasources/uid/tempo", withVersion("1"))
	require.Equal(t, 409, status, "version 2 is stored")
	require.Contains(t, body["message"], "already been updated by someone else")
	status, _ = c.do("PUT", "/api/datasources/uid/tempo", withVersion("7"))
	require.Equal(t, 200, status, "a newer version is taken")
	_, body = c.do("GET", "/api/datasources/uid/tempo", "")
	require.Equal(t, 8.0, body["version"])
}

func TestDefaults(t *testing.T) {
	c := start(t, Options{})
	c.do("POST", "/api/datasources", tempo)
	_, first := c.do("GET", "/api/datasources/uid/tempo", "")
	require.Equal(t, true, first["isDefault"], "the first data source becomes the default")
	c.do("POST", "/api/datasources", `{"name":"B","uid":"b","type":"loki","access":"proxy","url":"http://b","isDefault":true}`)
	_, first = c.do("GET", "/api/datasources/uid/tempo", "")
	require.Equal(t, false, first["isDefault"], "a new default replaces the old one")
}

func TestRename(t *testing.T) {
	c := start(t, Options{})
	c.do("POST", "/api/datasources", tempo)
	c.do("POST", "/api/datasources", `{"name":"B","uid":"b","type":"loki","access":"proxy","url":"http://b"}`)
	status, body := c.do("PUT", "/api/datasources/uid/b", `{"name":"Tempo","type":"loki","access":"proxy","url":"http://b"}`)
	require.Equal(t, 409, status)
	require.Equal(t, "Failed to update datasource: data source with the same name already exists", body["message"])
	status, _ = c.do("PUT", "/api/datasources/uid/b", `{"name":"C","uid":"tempo","type":"loki","access":"proxy","url":"http://b"}`)
	require.Equal(t, 500, status, "a taken uid fails on the database's constraint")
	_, body = c.do("GET", "/api/datasources/uid/b", "")
	require.Equal(t, "B", body["name"], "nothing was stored")
}

func TestLegacyRoutes(t *testing.T) {
	c := start(t, Options{LegacyIDRoutes: true})
	_, made := c.do("POST", "/api/datasources", tempo)
	require.Equal(t, 2.0, made["id"])
	status, body := c.do("GET", "/api/datasources/2", "")
	require.Equal(t, 200, status)
	require.Equal(t, "tempo", body["uid"])
	status, _ = c.do("DELETE", "/api/datasources/2", "")
	require.Equal(t, 200, status)
}
