// SPDX-License-Identifier: AGPL-3.0-or-later

package tempochart

import (
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// quantity is a number and its unit.
var quantity = regexp.MustCompile(`^\+?([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)$`)

// The bounds of a volume. Below are units that were forgotten or that mean
// thousandths (5m), above is what no API server counts.
var (
	leastVolume = resource.MustParse("1Mi")
	mostVolume  = resource.MustParse("1Ei")
)

// volumeSize refuses what Kubernetes would not take, and what it would take for
// a few bytes; it tells the right spelling.
func volumeSize(value any) error {
	text, _ := value.(string)
	parts := quantity.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return fmt.Errorf("must be a quantity of Kubernetes, such as 10Gi")
	}
	count, unit := parts[1], parts[2]
	size, err := resource.ParseQuantity(text)
	switch {
	case unit == "":
		return fmt.Errorf("has no unit, so that it would mean %s bytes: write %sGi for gibibytes", count, count)
	case err != nil:
		return fmt.Errorf("has a unit that Kubernetes does not know: write %s", count+spelledRight(unit))
	case size.Cmp(leastVolume) < 0:
		return fmt.Errorf("would be less than 1Mi: write %sGi for gibibytes", count)
	case size.Cmp(mostVolume) > 0:
		return fmt.Errorf("must be at most 1Ei")
	}
	return nil
}

// spelledRight is the unit of Kubernetes that another spelling means, such as G
// for GB and Gi for GiB: there they have no B, and are not all in capitals
// (apimachinery, pkg/api/resource/quantity.go).
func spelledRight(unit string) string {
	letters, _, _ := strings.Cut(strings.ToUpper(unit), "B")
	switch letters {
	case "M", "G", "T", "P", "E":
		return letters
	case "MI", "TI", "PI", "EI":
		return letters[:1] + "i"
	}
	return "Gi"
}
