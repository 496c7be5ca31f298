// SPDX-License-Identifier: AGPL-3.0-or-later

package testkit

import (
	"fmt"
	"math/rand/v2"
)

// Name returns a name that no other test uses, such as "tempo-4f2a91c07b3d",
// fit for buckets, users and namespaces.
func Name(prefix string) string {
	return fmt.Sprintf("%s-%012x", prefix, rand.Int64N(1<<48)) //nolint:gosec // only has to differ
}

// Secret returns a secret that begins with Canary.
func Secret() string { return Name(Canary + "x") }
