// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"time"
)

// logs is a stand-in for Loki and for the shipper that feeds it: it answers from the files of the pods' logs on its node. It is
// strict: it knows query_range, and LogQL of the form {app="APP"} | json | FIELD="TEXT" | FIELD=~"PATTERN"; all else is refused as
// Loki refuses what it cannot parse.
type logs struct{ dir string }

// Loki serves until the context ends.
func Loki(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("loki", flag.ContinueOnError)
	dir := flags.String("dir", "/var/log/pods", "folder of the pods' logs, as a kubelet writes them")
	listen := flags.String("listen", ":3100", "address to serve at")
	if err := flags.Parse(args); err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ready") })
	routes.HandleFunc("GET /loki/api/v1/query_range", logs{*dir}.queryRange)
	server := &http.Server{Addr: *listen, Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// stream is an entry of the answer's result.
type stream struct {
	Stream map[string]string `json:"stream"`
	Values [][2]string       `json:"values"`
}

func (l logs) queryRange(w http.ResponseWriter, r *http.Request) {
	asked, err := parse(r.URL.Query())
	if err != nil {
		http.Error(w, "parse error : "+err.Error(), http.StatusBadRequest)
		return
	}
	result := []stream{}
	values, err := l.find(asked)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if len(values) > 0 {
		result = append(result, stream{map[string]string{"app": asked.app}, values})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client may have gone
		"status": "success", "data": map[string]any{"resultType": "streams", "result": result},
	})
}

// find reads the files of the app's containers: NAMESPACE_POD_UID/CONTAINER/N.log.
func (l logs) find(asked query) ([][2]string, error) {
	files, err := filepath.Glob(filepath.Join(l.dir, "*", asked.app, "*.log"))
	if err != nil {
		return nil, err
	}
	var found [][2]string
	for _, file := range files {
		lines, err := read(file)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			if len(found) < asked.limit && asked.takes(line) {
				found = append(found, [2]string{strconv.FormatInt(line.at.UnixNano(), 10), line.text})
			}
		}
	}
	return found, nil
}
