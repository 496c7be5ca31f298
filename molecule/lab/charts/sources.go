// SPDX-License-Identifier: AGPL-3.0-or-later

// Package sources embeds the sources of the lab's test charts: stand-ins for tempo, tempo-distributed and traefik.
package sources

import "embed"

// Files holds one folder per chart: editions.yaml, layers/, templates/ and, where a real chart has one, schema/.
//
//go:embed all:tempo all:tempo-distributed all:traefik
var Files embed.FS
