// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/url"

	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/tsdb"
)

// statistics are the storage's, as the API asks for them.
type statistics struct{ *tsdb.DB }

func (s statistics) Stats(label string, limit int) (*tsdb.Stats, error) {
	return s.Head().Stats(label, limit), nil
}

func (statistics) WALReplayStatus() (tsdb.WALReplayStatus, error) { return tsdb.WALReplayStatus{}, nil }

// none is what the API says of targets, rules and alerts where there are none.
type none struct{}

func (none) ScrapePools() []string                       { return nil }
func (none) TargetsActive() map[string][]*scrape.Target  { return nil }
func (none) TargetsDropped() map[string][]*scrape.Target { return nil }
func (none) TargetsDroppedCounts() map[string]int        { return nil }
func (none) Alertmanagers() []*url.URL                   { return nil }
func (none) DroppedAlertmanagers() []*url.URL            { return nil }
func (none) RuleGroups() []*rules.Group                  { return nil }
func (none) AlertingRules() []*rules.AlertingRule        { return nil }
