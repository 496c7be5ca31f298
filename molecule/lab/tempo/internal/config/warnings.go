// SPDX-License-Identifier: AGPL-3.0-or-later

package config

// Warnings are Tempo's warnings about a configuration that it accepts;
// -config.verify fails on them, too.
func (c *Config) Warnings() []string {
	var all []string
	warn := func(applies bool, words string) {
		if applies {
			all = append(all, words)
		}
	}
	gather, compact, forget, compacting := "ingester", "compactor", c.Ingester.Forget, c.Compactor
	if c.Edition.From(3, 0) {
		gather, compact, forget, compacting = "live_store", "backend_worker", c.LiveStore.Forget, c.Worker
	}
	warn(forget < c.Storage.Trace.Poll, gather+".complete_block_timeout < storage.trace.blocklist_poll")
	warn(compacting.Compaction.Retention < c.Storage.Trace.Poll, compact+".compaction.compacted_block_timeout < storage.trace.blocklist_poll")
	warn(c.Distributor.LogSpans.Enabled, "Span logging is enabled. This is for debugging only and not recommended for production deployments.")
	warn(c.Storage.Trace.Backend == "local" && c.Target != "all",
		"Local backend will not correctly retrieve traces with a distributed deployment unless all components have access to the same disk. You should probably be using object storage as a backend.")
	warn(c.Frontend.MCP.Enabled, "c.Frontend.MCPServer.Enabled is enabled.")
	warn(c.FlatOverrides && c.Edition.Before(3, 0), "Inline, unscoped overrides are deprecated. Please use the new overrides config format.")
	warn(c.FlatOverrides && c.Edition.From(3, 0), "DEPRECATED: Legacy (flat, unscoped) overrides format is in use and will be removed in a future release.")
	warn(c.Storage.Trace.Cache != "" && c.Edition.From(2, 4), "c.StorageConfig.Trace.Cache is deprecated and will be removed in a future release.")
	return all
}
