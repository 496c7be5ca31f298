// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build stack

package tempomove_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/tempo"
	"github.com/picluster/tracing/modules/internal/testkit/stack"
)

// each is how many traces there are to one that is asked for by its ID, whether
// search finds it or not.
const each = 200

// askers is how many traces are asked for at a time.
const askers = 8

// lost are the traces that Tempo does not find.
func lost(t *testing.T, site stack.Site, sent []tempo.TraceID, shown map[string]bool) (missing []tempo.TraceID) {
	t.Helper()
	client, err := tempo.Open(t.Context(), tempo.Target{URL: site.Query, HTTP: http.DefaultClient})
	require.NoError(t, err)
	var mu sync.Mutex
	var asking sync.WaitGroup
	free, asked, until := make(chan struct{}, askers), 0, time.Now().Add(patience)
	for i, id := range sent {
		if shown[short(id)] && i%each != 0 {
			continue
		}
		asked++
		free <- struct{}{}
		asking.Go(func() {
			defer func() { <-free }()
			if found, err := find(t, client, id, until); err != nil || !found {
				mu.Lock()
				defer mu.Unlock()
				t.Logf("trace %s, the %dth that was acknowledged, is not found: %v", id, i, err)
				missing = append(missing, id)
			}
		})
	}
	asking.Wait()
	t.Logf("search finds %d traces; %d were asked for by ID", len(shown), asked)
	return missing
}

// find asks for a trace, again up to a time: a server that is overloaded, or has
// not listed all blocks yet, has lost nothing.
func find(t *testing.T, client *tempo.Client, id tempo.TraceID, until time.Time) (found bool, err error) {
	t.Helper()
	for ; ; time.Sleep(time.Second) {
		if _, found, err = client.Trace(t.Context(), id); err == nil && found || time.Now().After(until) {
			return found, err
		}
	}
}

// short is a trace ID without the zeros that Tempo leaves out.
func short(id tempo.TraceID) string { return strings.TrimLeft(string(id), "0") }

// search notes the traces that Tempo shows when it is asked for all of a day.
func search(t *testing.T, site stack.Site, shown map[string]bool) {
	t.Helper()
	now := time.Now()
	query := fmt.Sprintf("?q=%%7B%%7D&limit=100000&spss=1&start=%d&end=%d", now.Add(-24*time.Hour).Unix(), now.Add(time.Minute).Unix())
	answer, err := http.Get(site.Query + "/api/search" + query)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	var found struct {
		Traces []struct{ TraceID tempo.TraceID }
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&found))
	for _, trace := range found.Traces {
		shown[short(trace.TraceID)] = true
	}
}
