// SPDX-License-Identifier: AGPL-3.0-or-later

// Coredns runs CoreDNS with the plug-ins that a cluster's DNS needs, without those for cloud providers.
package main

import (
	"slices"

	"github.com/coredns/coredns/core/dnsserver"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"

	"github.com/coredns/coredns/coremain"
)

// The plug-ins see a query in CoreDNS' own order, so that only the missing ones make a difference.
func init() {
	linked := []string{"cache", "errors", "health", "kubernetes", "ready"}
	dnsserver.Directives = slices.DeleteFunc(dnsserver.Directives, func(name string) bool { return !slices.Contains(linked, name) })
}

func main() { coremain.Run() }
