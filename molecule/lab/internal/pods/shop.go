// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// shop is a service of the test application: it reads the trace context from B3 headers, passes it on to the service behind
// it, and sends its spans to Zipkin's endpoint.
type shop struct {
	name, next, zipkin string
	client             *http.Client
}

// Shop serves until the context ends.
func Shop(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("shop", flag.ContinueOnError)
	app := shop{client: &http.Client{Timeout: 10 * time.Second}}
	flags.StringVar(&app.name, "name", "", "name of this service")
	flags.StringVar(&app.next, "next", "", "URL of the service behind it; empty for none")
	flags.StringVar(&app.zipkin, "zipkin", "", "URL that takes spans, such as http://host:9411/api/v2/spans")
	listen := flags.String("listen", ":8080", "address to serve at")
	if err := flags.Parse(args); err != nil {
		return err
	}
	server := &http.Server{Addr: *listen, Handler: http.HandlerFunc(app.serve), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s shop) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" {
		return
	}
	own := follow(r.Header)
	began := time.Now()
	var spans []span
	status, body := http.StatusOK, ""
	if s.next != "" {
		call := own.child()
		var err error
		asked := time.Now()
		if body, err = s.ask(r.Context(), call, r.URL.Path); err != nil {
			status, body = http.StatusBadGateway, err.Error()
		}
		spans = append(spans, call.record(s.name, "GET "+s.next, "CLIENT", asked))
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, "%s %s\n%s", s.name, own.trace, body)
	spans = append(spans, own.record(s.name, "GET "+r.URL.Path, "SERVER", began))
	if own.sampled {
		go s.send(spans)
	}
}

// ask sends the request on, with the context of the call.
func (s shop) ask(ctx context.Context, call b3, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.next+path, nil)
	if err != nil {
		return "", err
	}
	call.write(request.Header)
	answer, err := s.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers status %d", s.next, answer.StatusCode)
	}
	return string(raw), err
}

// send sends the spans to Zipkin's endpoint and reports on standard error when it cannot: a request must not fail for its trace.
func (s shop) send(spans []span) {
	body, err := json.Marshal(spans)
	if err == nil {
		err = s.post(body)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "send %d spans: %v\n", len(spans), err)
	}
}

func (s shop) post(body []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.zipkin, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers status %d", s.zipkin, answer.StatusCode)
	}
	return nil
}
