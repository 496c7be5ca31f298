// SPDX-License-Identifier: AGPL-3.0-or-later

package store

import (
	"bytes"
	"time"

	"github.com/google/uuid"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/spans"
)

// Names of a block's objects.
const (
	metaName      = "meta.json"
	compactedName = "meta.compacted.json"
	indexName     = "index.json.gz"
	bloomName     = "bloom-0"
	seedName      = "tempo_cluster_seed.json"
)

// Meta is the object meta.json, as Tempo writes it (grafana/tempo, tempodb/backend: BlockMeta).
type Meta struct {
	Format      string    `json:"format"`
	ID          uuid.UUID `json:"blockID"`
	Least       []byte    `json:"minID,omitempty"`
	Most        []byte    `json:"maxID,omitempty"`
	Tenant      string    `json:"tenantID"`
	Start       time.Time `json:"startTime"`
	End         time.Time `json:"endTime"`
	Objects     int       `json:"totalObjects"`
	Size        int       `json:"size"`
	Level       int       `json:"compactionLevel"`
	Encoding    string    `json:"encoding,omitempty"`
	PageSize    int       `json:"indexPageSize"`
	Records     int       `json:"totalRecords"`
	Data        string    `json:"dataEncoding"`
	Blooms      int       `json:"bloomShards"`
	Footer      int       `json:"footerSize"`
	Replication int       `json:"replicationFactor,omitempty"`
}

// compacted is a block that was merged into another, or is too old, and will be deleted.
type compacted struct {
	Meta
	Since time.Time `json:"compactedTime"`
}

// Record is a trace, or a part of one.
type Record struct {
	ID  spans.ID
	Raw []byte
}

// formats are the block formats, the newest first: first version that reads it, first that no longer does, and first that writes it by
// default; two numbers each, none for no limit (grafana/tempo, tempodb/encoding/versioned.go of each minor version).
var formats = []struct {
	name                 string
	from, before, writes [2]int
}{
	{"vParquet5", [2]int{2, 9}, [2]int{}, [2]int{3, 1}},
	{"vParquet4", [2]int{2, 5}, [2]int{}, [2]int{2, 6}},
	{"vParquet3", [2]int{2, 3}, [2]int{}, [2]int{2, 4}},
	{"vParquet2", [2]int{2, 1}, [2]int{2, 10}, [2]int{2, 2}},
	{"vParquet", [2]int{1, 5}, [2]int{2, 5}, [2]int{2, 0}},
	{"v2", [2]int{1, 5}, [2]int{3, 0}, [2]int{1, 5}},
}

// FormatOf is the format that an edition writes by default.
func FormatOf(e edition.Edition) string {
	for _, row := range formats {
		if e.From(row.writes[0], row.writes[1]) {
			return row.name
		}
	}
	return ""
}

// Readable says whether an edition reads a format: none that came later, and none that it has dropped.
func Readable(format string, e edition.Edition) bool {
	for _, row := range formats {
		if row.name == format {
			return e.From(row.from[0], row.from[1]) && (row.before == [2]int{} || e.Before(row.before[0], row.before[1]))
		}
	}
	return false
}

// dataName is the object with the spans.
func (m Meta) dataName() string {
	if m.Format == "v2" {
		return "data"
	}
	return "data.parquet"
}

func (m Meta) at(name string) string { return m.Tenant + "/" + m.ID.String() + "/" + name }

// newMeta describes records that are in the order of their IDs.
func newMeta(format, tenant string, records []Record, level int) Meta {
	m := Meta{Format: format, ID: uuid.New(), Tenant: tenant, Objects: len(records), Level: level, Encoding: "none", Records: 1, Blooms: 1}
	if format == "v2" {
		m.Encoding, m.Data, m.PageSize = "zstd", "v2", 256000
	}
	for _, record := range records {
		traces, err := spans.Decode(record.Raw)
		if err != nil {
			continue
		}
		summary := spans.Summarize(record.ID, traces)
		if start := summary.Start.Truncate(time.Second); m.Start.IsZero() || start.Before(m.Start) {
			m.Start = start
		}
		if end := summary.End.Truncate(time.Second); end.After(m.End) {
			m.End = end
		}
	}
	if len(records) > 0 && format == "v2" {
		m.Least, m.Most = bytes.Clone(records[0].ID[:]), bytes.Clone(records[len(records)-1].ID[:])
	}
	return m
}
