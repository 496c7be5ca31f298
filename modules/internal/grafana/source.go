// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"maps"
	"slices"

	"github.com/picluster/tracing/modules/internal/secret"
)

// Source is a data source, as it is or as it is wanted.
type Source struct {
	UID, Name, Type string
	Access, URL     string
	User, Database  string
	BasicAuth       bool
	BasicAuthUser   string
	WithCredentials bool
	IsDefault       bool
	JSONData        map[string]any
	// Secrets are those to write. Grafana never returns them.
	Secrets map[string]secret.Text
	// SecretsSet names the secrets that Grafana has, sorted.
	SecretsSet []string
	// ID, OrgID, Version and ReadOnly are Grafana's own.
	ID, OrgID, Version int64
	ReadOnly           bool
}

// wire is a data source in the API's answers.
type wire struct {
	ID               int64           `json:"id"`
	UID              string          `json:"uid"`
	OrgID            int64           `json:"orgId"`
	Name             string          `json:"name"`
	Type             string          `json:"type"`
	Access           string          `json:"access"`
	URL              string          `json:"url"`
	User             string          `json:"user"`
	Database         string          `json:"database"`
	BasicAuth        bool            `json:"basicAuth"`
	BasicAuthUser    string          `json:"basicAuthUser"`
	WithCredentials  bool            `json:"withCredentials"`
	IsDefault        bool            `json:"isDefault"`
	JSONData         map[string]any  `json:"jsonData"`
	SecureJSONFields map[string]bool `json:"secureJsonFields"`
	Version          int64           `json:"version"`
	ReadOnly         bool            `json:"readOnly"`
}

func (w wire) source() *Source {
	isSet := []string{}
	for name, set := range w.SecureJSONFields {
		if set {
			isSet = append(isSet, name)
		}
	}
	slices.Sort(isSet)
	if w.JSONData == nil {
		w.JSONData = map[string]any{}
	}
	return &Source{
		ID: w.ID, UID: w.UID, OrgID: w.OrgID, Name: w.Name, Type: w.Type, Access: w.Access, URL: w.URL, User: w.User,
		Database: w.Database, BasicAuth: w.BasicAuth, BasicAuthUser: w.BasicAuthUser, WithCredentials: w.WithCredentials,
		IsDefault: w.IsDefault, JSONData: w.JSONData, SecretsSet: isSet, Version: w.Version, ReadOnly: w.ReadOnly,
	}
}

// body is a data source in the API's requests. A PUT replaces the object, so
// that everything is sent; version is left out of a POST.
type body struct {
	UID             string            `json:"uid,omitempty"`
	Name            string            `json:"name"`
	Type            string            `json:"type"`
	Access          string            `json:"access"`
	URL             string            `json:"url"`
	User            string            `json:"user"`
	Database        string            `json:"database"`
	BasicAuth       bool              `json:"basicAuth"`
	BasicAuthUser   string            `json:"basicAuthUser"`
	WithCredentials bool              `json:"withCredentials"`
	IsDefault       bool              `json:"isDefault"`
	JSONData        map[string]any    `json:"jsonData"`
	SecureJSONData  map[string]string `json:"secureJsonData,omitempty"`
	Version         int64             `json:"version,omitempty"`
}

func (s Source) body() body {
	return body{
		UID: s.UID, Name: s.Name, Type: s.Type, Access: s.Access, URL: s.URL, User: s.User, Database: s.Database,
		BasicAuth: s.BasicAuth, BasicAuthUser: s.BasicAuthUser, WithCredentials: s.WithCredentials,
		IsDefault: s.IsDefault, JSONData: s.JSONData, SecureJSONData: revealed(s.Secrets), Version: s.Version,
	}
}

func revealed(secrets map[string]secret.Text) map[string]string {
	plain := make(map[string]string, len(secrets))
	for name, text := range secrets {
		plain[name] = text.Reveal()
	}
	return plain
}

// Redacted is the data source for results, with every secret masked.
func (s Source) Redacted() map[string]any {
	isSet := map[string]any{}
	for _, name := range s.SecretsSet {
		isSet[name] = secret.Hidden
	}
	return map[string]any{
		"id": s.ID, "uid": s.UID, "orgId": s.OrgID, "name": s.Name, "type": s.Type, "access": s.Access, "url": s.URL,
		"user": s.User, "database": s.Database, "basicAuth": s.BasicAuth, "basicAuthUser": s.BasicAuthUser,
		"withCredentials": s.WithCredentials, "isDefault": s.IsDefault, "jsonData": secret.Masked(maps.Clone(s.JSONData)),
		"secureJsonData": isSet, "version": s.Version, "readOnly": s.ReadOnly,
	}
}
