// SPDX-License-Identifier: AGPL-3.0-or-later

// Package loki implements a strict, in-memory stand-in for Grafana Loki 3.7.8 that
// runs in one process.
//
// It takes logs by Loki's push API (JSON, and protobuf with snappy) and by OTLP over HTTP, with Loki's limits, and answers queries,
// labels, label values and series for each tenant. Of LogQL it supports what the collection uses: selectors, line filters, the json
// stage, label filters, and sums of vector(). It refuses everything else with status 400, in Loki's words where Loki
// refuses it too; where Loki would answer, the error names the stand-in. After a restart it is empty, and of one stream
// it keeps the last 50,000 lines.
//
// The cases of molecule/lab/conformance/loki say what it does; they hold on Loki 3.7.8 itself (LAB_LOKI).
package loki

// Version is the version of Loki that this stands in for.
const Version = "3.7.8"
