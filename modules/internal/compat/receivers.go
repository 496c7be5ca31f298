// SPDX-License-Identifier: AGPL-3.0-or-later

package compat

// LocalReceivers means that a receiver without a configured endpoint listens on
// localhost only.
const LocalReceivers Feature = "receivers on localhost"

// ReceiverFacts is what is known of Tempo's receivers.
var ReceiverFacts = Facts{
	{Tempo, LocalReceivers, Span{From: "2.7.0"}, "grafana/tempo CHANGELOG.md 2.7.0: receivers of OpenTelemetry's collector bind localhost by default"},
}
