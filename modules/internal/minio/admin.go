// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/minio/madmin-go/v3"

	"github.com/picluster/tracing/modules/internal/fault"
)

// ErrNoAdmin says that a store has no MinIO admin API.
var ErrNoAdmin = fault.New(fault.Unsupported, "set admin: none, and make user and policy with the store's own tools",
	"the store does not answer MinIO's admin calls")

// noAdmin recognises the answer of a server that does not know the admin API:
// MinIO and its kin answer in JSON, while a plain S3 store takes the path for a
// bucket's and answers in XML, and a proxy or web page in anything else.
func noAdmin(err error) bool {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return true
	}
	var answer madmin.ErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	inXML := answer.XMLName.Local != ""
	// madmin-go puts the HTTP status in place of the code of an answer that it
	// cannot read.
	unreadable := strings.HasPrefix(answer.Code, "4")
	return inXML || unreadable || unknownCall(err)
}
