// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/secret"
)

// File is a provisioning file of data sources (grafana/grafana
// pkg/services/provisioning/datasources/types.go, apiVersion 1). It names no
// prune: a Grafana 11 deletes such data sources at once when it has no orgId
// (grafana/grafana issue 97051), and a Grafana 13 was seen not to start.
type File struct {
	Sources []Source
	// Deleted are those that Grafana removes when it reads the file.
	Deleted []Deletion
}

// Deletion names a data source to remove.
type Deletion struct {
	Name  string `json:"name"`
	OrgID int64  `json:"orgId"`
}

// layout is a File on disk.
type layout struct {
	APIVersion int          `json:"apiVersion"`
	Deleted    []Deletion   `json:"deleteDatasources,omitempty"`
	Sources    []fileSource `json:"datasources,omitempty"`
}

type fileSource struct {
	Name            string            `json:"name"`
	UID             string            `json:"uid,omitempty"`
	Type            string            `json:"type"`
	OrgID           int64             `json:"orgId"`
	Access          string            `json:"access,omitempty"`
	URL             string            `json:"url,omitempty"`
	User            string            `json:"user,omitempty"`
	Database        string            `json:"database,omitempty"`
	BasicAuth       bool              `json:"basicAuth,omitempty"`
	BasicAuthUser   string            `json:"basicAuthUser,omitempty"`
	WithCredentials bool              `json:"withCredentials,omitempty"`
	IsDefault       bool              `json:"isDefault,omitempty"`
	JSONData        map[string]any    `json:"jsonData,omitempty"`
	SecureJSONData  map[string]string `json:"secureJsonData,omitempty"`
	Editable        bool              `json:"editable"`
}

// Write returns the file's content. Every dollar in it is escaped, so that
// Grafana expands nothing.
func (f File) Write() ([]byte, error) {
	made := layout{APIVersion: 1}
	for _, item := range f.Deleted {
		made.Deleted = append(made.Deleted, Deletion{Name: escape(item.Name), OrgID: item.OrgID})
	}
	for _, source := range f.Sources {
		made.Sources = append(made.Sources, encoded(source))
	}
	content, err := yaml.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("encode a provisioning file: %w", err)
	}
	return content, nil
}

func encoded(s Source) fileSource {
	jsonData, _ := Escape(s.JSONData).(map[string]any)
	secrets := map[string]string{}
	for name, text := range s.Secrets {
		secrets[name] = escape(text.Reveal())
	}
	return fileSource{
		Name: escape(s.Name), UID: escape(s.UID), Type: escape(s.Type), OrgID: s.OrgID, Access: s.Access, URL: escape(s.URL), User: escape(s.User), Database: escape(s.Database),
		BasicAuth: s.BasicAuth, BasicAuthUser: escape(s.BasicAuthUser), WithCredentials: s.WithCredentials, IsDefault: s.IsDefault,
		JSONData: jsonData, SecureJSONData: secrets,
	}
}

// ReadFile reads a provisioning file. Single dollars, which Grafana would
// expand with its own environment, stay as they are. Its error never quotes the
// content, since that may hold secrets.
func ReadFile(content []byte) (File, error) {
	var read layout
	if err := yaml.Unmarshal(content, &read); err != nil {
		return File{}, fmt.Errorf("it is not a provisioning file for data sources")
	}
	file := File{Deleted: read.Deleted}
	for _, item := range read.Sources {
		file.Sources = append(file.Sources, item.source())
	}
	return file, nil
}

func (s fileSource) source() Source {
	jsonData, _ := mapped(s.JSONData, unescape).(map[string]any)
	secrets, names := map[string]secret.Text{}, map[string]bool{}
	for name, text := range s.SecureJSONData {
		secrets[name], names[name] = secret.NewText(unescape(text)), true
	}
	source := wire{
		Name: unescape(s.Name), UID: unescape(s.UID), Type: s.Type, OrgID: max(s.OrgID, 1), Access: s.Access, URL: unescape(s.URL), User: unescape(s.User),
		Database: unescape(s.Database), BasicAuth: s.BasicAuth, BasicAuthUser: unescape(s.BasicAuthUser), WithCredentials: s.WithCredentials,
		IsDefault: s.IsDefault, JSONData: jsonData, SecureJSONFields: names, ReadOnly: !s.Editable,
	}.source()
	source.Secrets = secrets
	return *source
}
