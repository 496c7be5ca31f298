// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-openapi/strfmt"
	"github.com/grafana/grafana-openapi-client-go/models"
)

// model is a request body of Grafana's published API description.
type model interface {
	Validate(formats strfmt.Registry) error
}

// shown are keys that Grafana returns with a data source and ignores in a
// command: clients send back what they read, and community.grafana sends orgId.
type shown struct {
	ID               any `json:"id"`
	OrgID            any `json:"orgId"`
	AccessControl    any `json:"accessControl"`
	APIVersion       any `json:"apiVersion"`
	ReadOnly         any `json:"readOnly"`
	SecureJSONFields any `json:"secureJsonFields"`
	TypeName         any `json:"typeName"`
	TypeLogoURL      any `json:"typeLogoUrl"`
}

// bind reads the body into a model. Grafana ignores an unknown key; this
// stand-in refuses it, because it is a mistake of the client.
func bind(r *http.Request, into model) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errors.New("bad content type")
	}
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	if err := body.Decode(into); err != nil {
		return err
	}
	if _, err := body.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one JSON value in the body")
	}
	return into.Validate(strfmt.Default)
}

// command is what creating and updating have in common.
type command struct {
	models.UpdateDataSourceCommand
	settings object
	readOnly bool
	prunable bool
	// forgetSecrets drops the stored secrets that the command does not name.
	forgetSecrets bool
}

func bindCreate(r *http.Request) (command, error) {
	var add struct {
		models.AddDataSourceCommand
		shown
		Version any `json:"version"`
	}
	if err := bind(r, &add); err != nil {
		return command{}, err
	}
	return checked(models.UpdateDataSourceCommand{
		Access: add.Access, BasicAuth: add.BasicAuth, BasicAuthUser: add.BasicAuthUser, Database: add.Database,
		IsDefault: add.IsDefault, JSONData: add.JSONData, Name: add.Name, SecureJSONData: add.SecureJSONData,
		Type: add.Type, UID: add.UID, URL: add.URL, User: add.User, WithCredentials: add.WithCredentials,
	})
}

func bindUpdate(r *http.Request) (command, error) {
	var update struct {
		models.UpdateDataSourceCommand
		shown
	}
	if err := bind(r, &update); err != nil {
		return command{}, err
	}
	if update.Name == "" {
		return command{}, errors.New("required value Name must not be empty")
	}
	return checked(update.UpdateDataSourceCommand)
}

// checked does the checks that the published models leave out and Grafana's
// own structs have (pkg/services/datasources/models.go, tag "binding").
func checked(update models.UpdateDataSourceCommand) (command, error) {
	cmd := command{UpdateDataSourceCommand: update, settings: object{}}
	if update.Type == "" {
		return cmd, errors.New("required value Type must not be empty")
	}
	if update.Access != "proxy" && update.Access != "direct" {
		return cmd, fmt.Errorf("access must be proxy or direct, got %q", update.Access)
	}
	if update.JSONData == nil {
		return cmd, nil
	}
	settings, isObject := update.JSONData.(object)
	if !isObject {
		return cmd, errors.New("jsonData must be an object")
	}
	cmd.settings = settings
	return cmd, nil
}

// needsURL are the types that Grafana refuses without a URL (pkg/api/datasource/validation.go).
var needsURL = map[string]bool{
	"graphite": true, "influxdb": true, "elasticsearch": true, "prometheus": true, "alertmanager": true, "jaeger": true,
	"loki": true, "opentsdb": true, "tempo": true, "zipkin": true, "mysql": true, "postgres": true, "mssql": true,
}

var hasScheme = regexp.MustCompile(`^[^:]*://`)

// checkURL reports whether Grafana takes the URL for this type.
func checkURL(kind, address string) error {
	if needsURL[kind] && strings.TrimSpace(address) == "" {
		return errors.New("empty URL string")
	}
	if !hasScheme.MatchString(address) {
		address = "http://" + address
	}
	_, err := url.Parse(address)
	return err
}
