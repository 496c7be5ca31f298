// SPDX-License-Identifier: AGPL-3.0-or-later

package ingest

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// WriteMetrics writes what the ingester of Tempo below 3 tells of itself, as Prometheus reads it (grafana/tempo,
// modules/ingester@v1.5.0..v2.10.8). A block that is not in the queue yet is in none of them.
func (i *Ingester) WriteMetrics(to io.Writer) {
	queue := len(i.all(func(b *block) bool { return b.waits() && !b.working }))
	i.lock.Lock()
	defer i.lock.Unlock()
	one := func(name, kind, help string, value int) {
		fmt.Fprintf(to, "# HELP %[1]s %[2]s\n# TYPE %[1]s %[3]s\n%[1]s %[4]d\n", name, help, kind, value)
	}
	one("tempo_ingester_blocks_flushed_total", "counter", "The total number of blocks flushed", i.flushed)
	one("tempo_ingester_failed_flushes_total", "counter", "The total number of failed traces", i.failed)
	one("tempo_ingester_flush_queue_length", "gauge", "The total number of series pending in the flush queue.", queue)
	i.writeTenants(to, "tempo_ingester_live_traces", "gauge", "The current number of lives traces per tenant.", func(of *instance) int { return of.live })
	i.writeTenants(to, "tempo_ingester_traces_created_total", "counter", "The total number of traces created per tenant.", func(of *instance) int { return of.created })
}

func (i *Ingester) writeTenants(to io.Writer, name, kind, help string, value func(*instance) int) {
	if len(i.tenants) == 0 {
		return
	}
	fmt.Fprintf(to, "# HELP %[1]s %[2]s\n# TYPE %[1]s %[3]s\n", name, help, kind)
	for _, tenant := range slices.Sorted(maps.Keys(i.tenants)) {
		fmt.Fprintf(to, "%s{tenant=%q} %d\n", name, tenant, value(i.tenants[tenant]))
	}
}
