// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/traefikchart"
)

// warn tells what the user should know of the settings.
func (s Status) warn(p *plan.Plan, spec Spec) {
	t, differs := s.Proposal.target, s.Proposal.differs()
	s.warnOfVersion(p, spec)
	if lost := s.Proposal.Lost; len(lost) > 0 {
		p.Warn("comments in the values of %s are lost: %s", s, strings.Join(lost, " "))
	}
	if values, err := overlay.Parse(s.Text); err == nil && values["logs"] != nil && t.Chart.AccessLog[0] != "logs" {
		p.Warn("%s: chart %s no longer reads the values under logs: use log and accessLog", s, s.Chart)
	}
	if t.Version.Export != compat.Zipkin && (!t.SameSpan || !t.ID128Bit) { // no error, since k3s moves a Traefik from v2 to v3 by itself
		p.Warn("Traefik %s does not know same_span and id_128bit, which are for v2: they have no effect", t.Number)
	}
	s.warnOfRevision(p)
	if differs {
		s.warnOfReplaced(p)
		s.warnOfBackendSettings(p)
	}
	if differs || s.Method == methodHelm {
		s.warnOfLaterCharts(p)
	}
	for _, text := range t.Unobserved(s.arguments(), s.Workload.Sidecars) {
		p.Warn("%s: %s", s, text)
	}
	s.Proposal.dryRun.warn(p, s)
	if !spec.Wait && differs {
		p.Warn("%s: it is not known whether the settings arrive, since wait is false", s)
	}
}

// warnOfRevision tells of the newest revision of a Helm release that is not in force.
func (s Status) warnOfRevision(p *plan.Plan) {
	if s.newest.Status == helm.Failed {
		p.Warn("%s: its newest revision %d has failed, and revision %d counts: %s", s, s.newest.Revision, s.release.Revision, s.newest.Description)
	}
	if s.newest.Status.Pending() {
		p.Warn("%s: a run that died left its newest revision %d %s: it is marked as failed, and the change is made again", s, s.newest.Revision, s.newest.Status)
	}
}

func (s Status) warnOfVersion(p *plan.Plan, spec Spec) {
	t := s.Proposal.target
	if t.AccessLog && t.Version.TraceIDField == "" {
		p.Warn("Traefik %s writes no trace ID into its access log: links from logs to traces do not work until v%s",
			t.Number, compat.TraefikNextWithTraceID(t.Number))
	}
	if release := s.version(spec); release.Floating {
		p.Warn("the image tag of Traefik names no exact version; it is assumed to be the newest of its line, %s", strings.ReplaceAll(release.Number, "999", "x"))
	}
}

// warnOfLaterCharts tells of values that stay where a later chart ignores or refuses
// them, and of flags that stay where its Traefik does not start with them.
func (s Status) warnOfLaterCharts(p *plan.Plan) {
	if s.Proposal.target.FlagsEndStart() {
		p.Warn("%s: charts from %s on have Traefik v3, which does not start with --tracing.zipkin among additionalArguments. Before an upgrade across that version, "+
			"run this with state: absent, then upgrade, then run it with state: present", s, compat.TraefikWithoutZipkin)
	}
	if s.bundled() {
		return
	}
	for _, refused := range s.Proposal.target.RefusedLater() {
		p.Warn("%s: %s Before an upgrade of the chart across that version that keeps the values, "+
			"run this with state: absent, then upgrade, then run it with state: present", s, fate(refused))
	}
}

// fate says what later charts do with values: those that ignore them send no spans,
// and nobody is told.
func fate(refused compat.TraefikRefused) string {
	values := strings.Join(refused.Path, ".")
	if refused.Ignored == "" {
		return fmt.Sprintf("charts from %s on refuse the values under %s.", refused.From, values)
	}
	return fmt.Sprintf("charts from %s on ignore the values under %s without a word (from %s on they refuse them).", refused.Ignored, values, refused.From)
}

// bundled reports whether k3s brings the chart: it packages it without a schema.
func (s Status) bundled() bool {
	return s.source != nil && strings.Contains(s.source.Spec.Chart, placeholder) || strings.ContainsAny(s.Chart, "+_")
}

// warnOfReplaced tells by name which settings of the user's a change replaces.
func (s Status) warnOfReplaced(p *plan.Plan) {
	var changes []string
	for _, entry := range s.Proposal.entries {
		place := placeOf(entry)
		if change := s.Proposal.replaces(place); change != "" && !s.Proposal.target.RemovesBackendSetting(entry) {
			changes = append(changes, change)
		}
	}
	if len(changes) > 0 {
		p.Warn("%s: your settings are replaced until state: absent restores them: %s", s, strings.Join(changes, ", "))
	}
}

// replaces says what a setting of the user's becomes, "" where there was none or
// where it stays.
func (p Proposal) replaces(place traefikchart.Place) string {
	_, before := p.Before[place.Name]
	_, after := p.After[place.Name]
	previous, next := place.In(p.target.Base.Own), place.In(p.Values)
	if previous == nil && !p.target.Released { // the values below a release's own are the chart's, nobody's choice
		previous = place.In(p.target.Base.Lower)
	}
	switch {
	case !before && !after || previous == nil || previous == "" || off(previous) || overlay.Equal(previous, next):
		return ""
	case next == nil:
		return place.Title() + " is removed"
	}
	return fmt.Sprintf("%s becomes %s", place.Masked(previous), strings.TrimPrefix(place.Masked(next), place.Title()+" "))
}

// off reports whether values switch off what they are about, so that nothing is
// lost with them.
func off(value any) bool {
	values, isMap := value.(map[string]any)
	if !isMap {
		return false
	}
	on, ok := values["enabled"]
	return len(values) == 0 || ok && on == false
}

// warnOfBackendSettings tells which headers and TLS settings go, and which stay
// although the address is new.
func (s Status) warnOfBackendSettings(p *plan.Plan) {
	proposal, origin := s.Proposal, s.Proposal.target.Origin()
	for _, place := range proposal.target.RemovedBackendSettings() {
		if _, found := proposal.Before[place.Name]; found {
			p.Warn("%s: %s is removed until state: absent restores it: it was made for another back end, and must not go to %s",
				s, place.Title(), origin)
		}
	}
	if !proposal.sets(proposal.target.AddressPath()) {
		return
	}
	for _, place := range proposal.target.KeptBackendSettings(proposal.Values) {
		p.Warn("%s: %s stays, and is sent to %s", s, place.Title(), origin)
	}
}

func (p Proposal) sets(name string) bool {
	_, value := p.After[name]
	_, argument := p.After["additionalArguments["+name+"]"]
	return value || argument
}
