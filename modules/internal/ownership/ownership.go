// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ownership records what a module has set in values that belong to somebody
// else, so that exactly that can be removed again.
package ownership

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/overlay"
)

// Record holds what a module has set and what it replaced. It is stored in an
// annotation beside the values, or in a ConfigMap beside their Helm release.
type Record struct {
	// Created is whether the object that holds the values was created by the
	// module, Installed whether the release was.
	Created   bool `json:"created,omitempty"`
	Installed bool `json:"installed,omitempty"`
	// FailurePolicy is the previous one of a HelmChartConfig.
	FailurePolicy string `json:"failurePolicy,omitempty"`
	// Text are the previous values, nil if they are not kept; Sum is the SHA-256 of
	// the values as written.
	Text     *string            `json:"text,omitempty"`
	Sum      string             `json:"sum,omitempty"`
	Replaced []overlay.Previous `json:"priors"`
}

// longest is the length in bytes up to which previous values are kept: all
// annotations of an object together may have 256 KiB (apimachinery,
// pkg/api/validation/objectmeta.go).
const longest = 96 << 10

// Key is the record's key in its ConfigMap.
const Key = "record"

// ConfigMap is the name of the ConfigMap with the record of a Helm release, in the
// release's namespace.
func ConfigMap(release string) string { return release + "-tracing-record" }

// OfRelease reads the record of a Helm release, nil when there is none.
func OfRelease(ctx context.Context, cluster kube.Reader, namespace, release string) (*Record, error) {
	config, err := cluster.ConfigMap(ctx, namespace, ConfigMap(release))
	if err != nil || config == nil {
		return nil, err
	}
	return Parse(config.Data[Key]), nil
}

// Parse decodes a record. An unreadable one counts as none: the settings are
// then treated as the user's own.
func Parse(text string) *Record {
	var record Record
	if text == "" || json.Unmarshal([]byte(text), &record) != nil {
		return nil
	}
	return &record
}

// String encodes the record.
func (r Record) String() string {
	data, _ := json.Marshal(r) //nolint:errchkjson // strings, booleans and JSON-like values
	return string(data)
}

func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// Wrote reports whether text is what the module wrote last, so nobody has
// changed it since.
func (r *Record) Wrote(text string) bool { return r != nil && r.Sum == sum(text) }

// Keep records the previous values and those written in their place.
func (r *Record) Keep(before, written string) {
	r.Sum, r.Text = sum(written), nil
	if len(before) <= longest {
		r.Text = &before
	}
}

// Before returns the previous values, as text and tree: the kept ones if nobody
// has changed anything since, else the current values with everything owned
// reverted. Current is text as a tree. A nil record owns nothing.
func (r *Record) Before(text string, current map[string]any) (before string, tree map[string]any, err error) {
	if r == nil {
		return text, current, nil
	}
	if r.Text != nil && r.Wrote(text) {
		tree, err = overlay.Parse(*r.Text)
		return *r.Text, tree, err
	}
	tree = overlay.Revert(current, r.Replaced)
	before, _, err = overlay.Rewrite(text, tree)
	return before, tree, err
}

// Stale is what was replaced by owned settings that are no longer wanted.
func (r *Record) Stale(wanted []overlay.Setting) []overlay.Previous {
	if r == nil {
		return nil
	}
	names := make([]string, len(wanted))
	for i, entry := range wanted {
		names[i] = entry.String()
	}
	return slices.DeleteFunc(slices.Clone(r.Replaced), func(previous overlay.Previous) bool {
		return !previous.Container && slices.Contains(names, previous.String())
	})
}

// OnlyOurs reports whether two states of the same values differ only in what was owned,
// whatever it was set to: the record may be from a later run than either.
func (r *Record) OnlyOurs(before, after map[string]any) bool {
	return r != nil && overlay.Equal(r.others(before), r.others(after))
}

// others are values without what was owned.
func (r *Record) others(tree map[string]any) map[string]any {
	replaced := slices.Clone(r.Replaced)
	for i, previous := range replaced {
		if now, ok := previous.Now(tree); ok {
			replaced[i].Set = now
		}
	}
	return overlay.Revert(tree, replaced)
}
