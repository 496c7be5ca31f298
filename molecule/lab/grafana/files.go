// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/grafana/grafana-openapi-client-go/models"
)

// provisioned is one provisioning file after interpolation.
type provisioned struct {
	sources []provisionedSource
	deleted []named
}

type provisionedSource struct {
	command
	orgID int64
}

func (p provisionedSource) key() named { return named{p.orgID, p.Name} }

// fileLayout is the layout of apiVersion 1 (pkg/services/provisioning/datasources/types.go).
type fileLayout struct {
	APIVersion  int            `yaml:"apiVersion"`
	Prune       bool           `yaml:"prune"`
	Datasources []sourceLayout `yaml:"datasources"`
	Delete      []struct {
		OrgID text `yaml:"orgId"`
		Name  text `yaml:"name"`
	} `yaml:"deleteDatasources"`
}

type sourceLayout struct {
	OrgID           text            `yaml:"orgId"`
	Version         text            `yaml:"version"`
	Name            text            `yaml:"name"`
	Type            text            `yaml:"type"`
	Access          text            `yaml:"access"`
	URL             text            `yaml:"url"`
	User            text            `yaml:"user"`
	Database        text            `yaml:"database"`
	BasicAuth       text            `yaml:"basicAuth"`
	BasicAuthUser   text            `yaml:"basicAuthUser"`
	WithCredentials text            `yaml:"withCredentials"`
	IsDefault       text            `yaml:"isDefault"`
	JSONData        map[string]any  `yaml:"jsonData"`
	SecureJSONData  map[string]text `yaml:"secureJsonData"`
	Editable        text            `yaml:"editable"`
	UID             text            `yaml:"uid"`
}

// text is a scalar of any kind, interpolated when it is read.
type text string

// UnmarshalYAML interpolates.
func (t *text) UnmarshalYAML(node *yaml.Node) error {
	value, err := interpolated(node.Value)
	*t = text(value)
	return err
}

// readFiles reads every *.yaml and *.yml in the order of their names. A
// missing folder holds no files, as for Grafana.
func readFiles(folder fs.FS) ([]provisioned, error) {
	entries, err := fs.ReadDir(folder, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []provisioned
	for _, entry := range entries {
		if ending := path.Ext(entry.Name()); ending != ".yaml" && ending != ".yml" {
			continue
		}
		file, err := readOne(folder, entry.Name())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		files = append(files, file)
	}
	return files, nil
}

func readOne(folder fs.FS, name string) (provisioned, error) {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return provisioned{}, err
	}
	var layout fileLayout
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&layout); err != nil {
		return provisioned{}, err
	}
	if layout.APIVersion < 1 {
		return provisioned{}, errors.New("apiVersion 0 is not imitated: write apiVersion: 1")
	}
	return layout.read()
}

func (l fileLayout) read() (provisioned, error) {
	var file provisioned
	for _, item := range l.Datasources {
		entry, err := item.read(l.Prune)
		if err != nil {
			return file, fmt.Errorf("data source %q: %w", item.Name, err)
		}
		file.sources = append(file.sources, entry)
	}
	for _, item := range l.Delete {
		orgID, err := item.OrgID.number(1)
		if err != nil {
			return file, err
		}
		file.deleted = append(file.deleted, named{orgID, string(item.Name)})
	}
	return file, nil
}

func (l sourceLayout) read(prune bool) (provisionedSource, error) {
	orgID, badOrg := l.OrgID.number(1)
	basic, badBasic := l.BasicAuth.flag()
	credentials, badCredentials := l.WithCredentials.flag()
	isDefault, badDefault := l.IsDefault.flag()
	editable, badEditable := l.Editable.flag()
	settings, badSettings := interpolatedValue(l.JSONData)
	if err := errors.Join(badOrg, badBasic, badCredentials, badDefault, badEditable, badSettings); err != nil {
		return provisionedSource{}, err
	}
	secure := map[string]string{}
	for key, value := range l.SecureJSONData {
		secure[key] = string(value)
	}
	made, isMap := settings.(map[string]any)
	if !isMap || made == nil {
		made = object{}
	}
	access := models.DsAccess(l.Access)
	if access != "direct" {
		access = "proxy" // Grafana warns and falls back to proxy
	}
	return provisionedSource{orgID: orgID, command: command{
		UpdateDataSourceCommand: models.UpdateDataSourceCommand{
			Name: string(l.Name), Type: string(l.Type), Access: access, URL: string(l.URL), User: string(l.User),
			Database: string(l.Database), BasicAuth: basic, BasicAuthUser: string(l.BasicAuthUser),
			WithCredentials: credentials, IsDefault: isDefault, SecureJSONData: secure, UID: string(l.UID),
		},
		settings: made, readOnly: !editable, prunable: prune, forgetSecrets: true,
	}}, nil
}

func (t text) number(fallback int64) (int64, error) {
	if t == "" || t == "0" {
		return fallback, nil
	}
	return strconv.ParseInt(string(t), 10, 64)
}

func (t text) flag() (bool, error) {
	if t == "" {
		return false, nil
	}
	return strconv.ParseBool(string(t))
}

// uidFromName is the uid of a provisioned data source without one.
func uidFromName(name string) string {
	sum := sha256.Sum256([]byte(name))
	return strings.ToUpper(fmt.Sprintf("P%x", sum[:8]))
}
