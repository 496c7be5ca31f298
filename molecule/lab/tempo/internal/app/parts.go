// SPDX-License-Identifier: AGPL-3.0-or-later

package app

import (
	"fmt"
	"slices"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// The parts of Tempo.
const (
	distributor = "distributor"
	ingester    = "ingester"
	liveStore   = "live-store"
	querier     = "querier"
	frontend    = "query-frontend"
	compactor   = "compactor"
	scheduler   = "backend-scheduler"
	worker      = "backend-worker"
	generator   = "metrics-generator"
)

// partsOf are the parts of a target. From 3 on separate parts pass spans on by Kafka, which the stand-in does not speak.
func partsOf(target string, e edition.Edition) ([]string, error) {
	three := e.From(3, 0)
	single := []string{compactor, frontend, querier, ingester, distributor}
	alone := []string{distributor, ingester, querier, frontend, compactor, generator}
	if e.From(2, 0) {
		single = append(single, generator)
	}
	if three {
		single = []string{scheduler, worker, frontend, querier, distributor, generator, liveStore}
		alone = []string{querier, frontend, scheduler, worker, distributor, liveStore, generator, "block-builder"}
	}
	switch {
	case target == "all" || target == "scalable-single-binary" && !three:
		return single, nil
	case !slices.Contains(alone, target):
		return nil, fmt.Errorf("unrecognised module name: %s", target)
	case three && slices.Contains([]string{distributor, liveStore, generator, "block-builder"}, target):
		return nil, fmt.Errorf("error initialising module: %s: failed to create %s: the Kafka address has not been configured", target, target)
	default:
		return []string{target}, nil
	}
}

// needsStore says whether a part opens the store.
func needsStore(part string) bool {
	return !slices.Contains([]string{distributor, generator}, part)
}
