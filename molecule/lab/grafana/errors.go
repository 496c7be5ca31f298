// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"errors"
	"net/http"
)

// Errors of data sources, in Grafana's words
// (pkg/services/datasources/errors.go).
var (
	errNotFound    = errors.New("data source not found")
	errReadOnly    = errors.New("data source is readonly, can only be updated from configuration")
	errNameTaken   = errors.New("data source with the same name already exists")
	errUIDTaken    = errors.New("data source with the same uid already exists")
	errUIDClash    = errors.New("UNIQUE constraint failed: data_source.org_id, data_source.uid")
	errOldVersion  = errors.New("trying to update old version of datasource")
	errNameInvalid = errors.New("max length is 190")
	errURLInvalid  = errors.New("max length is 255")
	errUIDInvalid  = errors.New("uid contains illegal characters or is longer than 40")
)

// refusal turns an error of an action ("add", "update", "delete") into the answer.
func refusal(action string, err error) answer {
	switch {
	case errors.Is(err, errNotFound):
		return message(http.StatusNotFound, "Data source not found")
	case errors.Is(err, errReadOnly):
		return message(http.StatusForbidden, "Cannot "+action+" read-only data source")
	case errors.Is(err, errNameInvalid):
		return public(http.StatusBadRequest, "datasource.nameInvalid", "Invalid datasource name.")
	case errors.Is(err, errURLInvalid):
		return public(http.StatusBadRequest, "datasource.urlInvalid", "Invalid datasource url.")
	case errors.Is(err, errUIDInvalid):
		return public(http.StatusBadRequest, "datasource.uidInvalid", "Invalid datasource UID.")
	case errors.Is(err, errOldVersion):
		return message(http.StatusConflict, "Datasource has already been updated by someone else. Please reload and try again")
	case action == "add" && (errors.Is(err, errNameTaken) || errors.Is(err, errUIDTaken)):
		return message(http.StatusConflict, err.Error())
	case errors.Is(err, errNameTaken):
		return message(http.StatusConflict, "Failed to "+action+" datasource: "+err.Error())
	}
	// An update to another data source's uid ends here, too: Grafana does not
	// check for it and fails on the database constraint.
	return because(http.StatusInternalServerError, "Failed to "+action+" datasource", err)
}
