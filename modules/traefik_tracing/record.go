// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/picluster/tracing/modules/internal/overlay"
)

// Record tells what this module has set and what stood there before. It lies in
// an annotation beside the values, or in a ConfigMap beside the Helm release.
type Record struct {
	// Created is whether the object that holds the values was made here.
	Created bool `json:"created,omitempty"`
	// FailurePolicy is the one that was there before.
	FailurePolicy string `json:"failurePolicy,omitempty"`
	// Text are the values before, nil when they are too long to be kept; Sum is
	// the SHA-256 of the values as they were written.
	Text   *string         `json:"text,omitempty"`
	Sum    string          `json:"sum"`
	Priors []overlay.Prior `json:"priors"`
}

// recordName is the annotation's or the key's name.
const recordName = "traefik.picluster.tracing/owned"

// longest is the length in bytes up to which the values before are kept: all
// annotations of an object may have 256 KiB together (apimachinery,
// pkg/api/validation/objectmeta.go).
const longest = 96 << 10

// readRecord decodes a record. One that cannot be read counts as none: then the
// settings are taken over as if the user had made them.
func readRecord(text string) *Record {
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

// wrote reports whether text is what this module wrote last, so that nobody has
// changed it since.
func (r *Record) wrote(text string) bool { return r != nil && r.Sum == sum(text) }

// before gives the values as they were, as text and tree: those that were kept
// when nobody has changed anything since, else what remains of the values when
// everything owned is taken away.
func (s Status) before(current map[string]any) (text string, tree map[string]any, err error) {
	if s.Record == nil {
		return s.Text, current, nil
	}
	if s.Record.Text != nil && s.Record.wrote(s.Text) {
		tree, err = overlay.Parse(*s.Record.Text)
		return *s.Record.Text, tree, err
	}
	tree = overlay.Strip(current, s.Record.Priors)
	text, _, err = overlay.Rewrite(s.Text, tree)
	return text, tree, err
}

// stale are the priors of what was owned and is not wanted any more.
func (r *Record) stale(wanted []overlay.Entry) []overlay.Prior {
	if r == nil {
		return nil
	}
	names := make([]string, len(wanted))
	for i, entry := range wanted {
		names[i] = entry.String()
	}
	return slices.DeleteFunc(slices.Clone(r.Priors), func(prior overlay.Prior) bool {
		return !prior.Container && slices.Contains(names, prior.String())
	})
}

// following is the record for values that replace others.
func (s Status) following(before, written string, priors []overlay.Prior) Record {
	next := Record{Created: !s.Exists, FailurePolicy: s.FailurePolicy, Sum: sum(written), Priors: priors}
	if s.Record != nil {
		next.Created, next.FailurePolicy = s.Record.Created, s.Record.FailurePolicy
	}
	if len(before) <= longest {
		next.Text = &before
	}
	return next
}
