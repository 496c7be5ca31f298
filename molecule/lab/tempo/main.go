// SPDX-License-Identifier: AGPL-3.0-or-later

// Tempo is the lab's stand-in for Grafana Tempo: it takes spans, keeps them in an object store and answers queries as
// Tempo 1.5, 2 or 3 does, as far as the lab's chain and its tests rely on that, and is as strict. Its version is set by
// the flag -stand-in.version, which comes first, or by TEMPO_STAND_IN_VERSION; 1.5.0 without either.
package main

import (
	"os"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/command"
)

func main() { os.Exit(command.Run(os.Args[1:])) }
