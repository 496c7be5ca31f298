// SPDX-License-Identifier: AGPL-3.0-or-later

// Package chartserver serves a folder of packaged charts as a Helm repository.
package chartserver

import (
	"net/http"
	"path"
)

// New serves index.yaml and *.tgz from dir and nothing else, read-only.
func New(dir string) http.Handler {
	files := http.FileServer(http.Dir(dir))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "the chart repository can only be read", http.StatusMethodNotAllowed)
			return
		}
		if r.URL.Path != "/index.yaml" && path.Ext(r.URL.Path) != ".tgz" {
			http.NotFound(w, r)
			return
		}
		files.ServeHTTP(w, r)
	})
}
