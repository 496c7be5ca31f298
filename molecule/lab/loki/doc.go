// SPDX-License-Identifier: AGPL-3.0-or-later

// Package loki is a strict stand-in for Grafana Loki 3.7.8, all in one process and in memory.
//
// It takes logs by Loki's push API (JSON, and protobuf with snappy) and by OTLP over HTTP, with Loki's limits, and answers queries,
// labels, label values and series for each tenant. Of LogQL it knows what the collection asks: selectors, line filters, the stage
// json, filters of labels, and sums of vector(). Whatever else is asked it refuses with status 400, in Loki's words where Loki
// refuses it too; where Loki would answer, the refusal names the stand-in. Restarted, it has forgotten everything, and of one stream
// it keeps the last 50,000 lines.
//
// The cases of molecule/lab/conformance/loki say what it does; they hold on Loki 3.7.8 itself (LAB_LOKI).
package loki

// Version is that of the Loki that this stands in for.
const Version = "3.7.8"
