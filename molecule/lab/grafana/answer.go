// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"encoding/json"
	"net/http"
)

// answer is a handler's response.
type answer interface {
	write(w http.ResponseWriter, r *http.Request)
}

// jsonAnswer is a status with a JSON body.
type jsonAnswer struct {
	status int
	body   any
}

func (a jsonAnswer) write(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// forwarded is a response that another handler writes, such as the proxy.
type forwarded struct{ to http.Handler }

func (a forwarded) write(w http.ResponseWriter, r *http.Request) { a.to.ServeHTTP(w, r) }

type object = map[string]any

func ok(body any) answer { return jsonAnswer{http.StatusOK, body} }

// message is Grafana's plain error body (pkg/api/response, Error).
func message(status int, text string) answer {
	return jsonAnswer{status, object{"message": text}}
}

// because is message with the cause, which Grafana sends in development mode.
func because(status int, text string, cause error) answer {
	return jsonAnswer{status, object{"message": text, "error": cause.Error(), "traceID": ""}}
}

// public is the error body of Grafana's newer error type (errutil.PublicError).
func public(status int, id, text string) answer {
	return jsonAnswer{status, object{"message": text, "messageId": id, "statusCode": status, "traceID": ""}}
}
