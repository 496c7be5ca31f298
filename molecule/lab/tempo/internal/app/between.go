// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/ring"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/store"
)

// Between the processes: spans to an ingester, what it holds to a querier, and queriers to the query frontend. Tempo uses gRPC
// on the same port; nobody else talks to it.
const (
	pathPush    = "/stand-in/push"
	pathRecords = "/stand-in/records"
	pathAttach  = "/stand-in/attach"
	pathMeasure = "/stand-in/measure"
)

func (a *App) between() http.Handler {
	mux := http.NewServeMux()
	if a.ingester != nil {
		mux.HandleFunc("POST "+pathPush, take(a.ingester.Push))
		mux.HandleFunc("GET "+pathRecords, a.giveRecords)
	}
	if a.generator != nil {
		mux.HandleFunc("POST "+pathMeasure, take(a.generator.Push))
	}
	if a.has(frontend) {
		mux.HandleFunc("GET "+pathAttach, a.queriers.hold)
	}
	if a.has(querier) {
		mux.Handle("/querier/", a.querierPages())
	}
	return mux
}

// take passes spans on that another process sends.
func take(push func(tenant string, traces ptrace.Traces) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			var traces ptrace.Traces
			if traces, err = spans.Decode(body); err == nil {
				err = push(r.URL.Query().Get("tenant"), traces)
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}
}

func (a *App) giveRecords(w http.ResponseWriter, r *http.Request) {
	records, err := a.ingester.Records(r.URL.Query().Get("tenant"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(store.Pack(records))
}

// tenant is whose data a request is about; without multitenancy there is one.
func (a *App) tenant(named string) (string, error) {
	if !a.config.Tenants && !a.config.Auth {
		return config.SingleTenant, nil
	}
	if named == "" {
		return "", errors.New("no org id")
	}
	return named, nil
}

// push is what the receivers call: spans are sent to as many ingesters as the replication factor says, and most of these must
// have accepted them.
func (a *App) push(ctx context.Context, named string, traces ptrace.Traces) error {
	tenant, err := a.tenant(named)
	if err != nil || traces.SpanCount() == 0 {
		return err
	}
	if a.ring == nil {
		a.generate(tenant, traces)
		return a.ingester.Push(tenant, traces)
	}
	all, wanted := a.ring.Of(ingester), a.config.Ingester.Lifecycler.Ring.Replication
	quorum := wanted/2 + 1
	if len(all) < quorum {
		return fmt.Errorf("at least %d live replicas required, could only find %d", quorum, len(all))
	}
	body, err := spans.Encode(traces)
	if err != nil {
		return err
	}
	var failures []error
	for _, member := range all[:min(wanted, len(all))] {
		if _, err := call(ctx, http.MethodPost, member, pathPush, tenant, body); err != nil {
			slog.Error("pusher failed to consume trace data", "err", err)
			failures = append(failures, err)
		}
	}
	if min(wanted, len(all))-len(failures) < quorum {
		return errors.Join(failures...)
	}
	a.forward(ctx, tenant, body)
	return nil
}

// generate makes metrics of spans; a failure does not keep them from being stored.
func (a *App) generate(tenant string, traces ptrace.Traces) {
	if a.generator == nil {
		return
	}
	if err := a.generator.Push(tenant, traces); err != nil {
		failedToForward(err)
	}
}

// forward sends spans to the metrics generator, if there is one.
func (a *App) forward(ctx context.Context, tenant string, body []byte) {
	if all := a.ring.Of(generator); len(all) > 0 {
		if _, err := call(ctx, http.MethodPost, all[0], pathMeasure, tenant, body); err != nil {
			failedToForward(err)
		}
	}
}

func failedToForward(err error) {
	slog.Warn("failed to forward request to metrics generator", "err", fmt.Errorf("failed to push spans to generator: %w", err))
}

// recent is what ingesters hold of a tenant.
func (a *App) recent(ctx context.Context, tenant string) ([]store.Record, error) {
	if a.ring == nil {
		return a.ingester.Records(tenant)
	}
	members := a.ring.Of(ingester)
	if len(members) == 0 {
		return nil, errors.New("error finding ingesters in Querier.forGivenIngesters: empty ring")
	}
	var all []store.Record
	for _, member := range members {
		body, err := call(ctx, http.MethodGet, member, pathRecords, tenant, nil)
		if err != nil {
			return nil, fmt.Errorf("error querying ingesters in Querier: %w", err)
		}
		records, err := store.Unpack(body)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

var inside = &http.Client{Timeout: 5 * time.Second}

func call(ctx context.Context, method string, to ring.Member, path, tenant string, body []byte) ([]byte, error) {
	address := "http://" + to.Address + path + "?tenant=" + url.QueryEscape(tenant)
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := inside.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", to.Instance, bytes.TrimSpace(content))
	}
	return content, err
}
