// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/compat"
	"github.com/picluster/tracing/modules/internal/helm"
	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
	"github.com/picluster/tracing/modules/internal/secret"
)

// warn tells what the user should know of the settings.
func (s Status) warn(p *plan.Plan, spec Spec) {
	t, differs := s.Proposal.target, s.Proposal.differs()
	s.warnOfVersion(p, spec)
	if lost := s.Proposal.Lost; len(lost) > 0 {
		p.Warn("comments in the values of %s are lost: %s", s, strings.Join(lost, " "))
	}
	if values, err := overlay.Parse(s.Text); err == nil && values["logs"] != nil && t.chart.AccessLog[0] != "logs" {
		p.Warn("%s: chart %s does not read the values under logs any more: use log and accessLog", s, s.Chart)
	}
	if t.version.Export != compat.Zipkin && (!t.SameSpan || !t.ID128Bit) { // no error, since k3s moves a Traefik from v2 to v3 by itself
		p.Warn("Traefik %s does not know same_span and id_128bit, which are for v2: they have no effect", t.number)
	}
	if s.newest.Status == helm.Failed {
		p.Warn("%s: its newest revision %d has failed, and revision %d counts: %s", s, s.newest.Revision, s.release.Revision, s.newest.Description)
	}
	if differs {
		s.warnOfReplaced(p)
		s.warnOfBackendSettings(p)
	}
	if differs || s.Method == methodHelm {
		s.warnOfLaterCharts(p)
	}
	for _, text := range t.unobserved(s.arguments()) {
		p.Warn("%s: %s", s, text)
	}
	s.Proposal.dryRun.warn(p, s)
	if !spec.Wait && differs {
		p.Warn("%s: it is not known whether the settings arrive, since wait is false", s)
	}
}

func (s Status) warnOfVersion(p *plan.Plan, spec Spec) {
	t := s.Proposal.target
	if t.AccessLog && t.version.TraceIDField == "" {
		p.Warn("Traefik %s writes no trace ID into its access log: links from logs to traces do not work until v%s",
			t.number, compat.TraefikNextWithTraceID(t.number))
	}
	if release := s.version(spec); release.Floating {
		p.Warn("the image tag of Traefik names no exact version; it is taken for the newest of its line, %s", strings.ReplaceAll(release.Number, "999", "x"))
	}
}

// warnOfLaterCharts tells of values that stay where a later chart refuses them.
func (s Status) warnOfLaterCharts(p *plan.Plan) {
	if s.bundled() {
		return
	}
	t, told := s.Proposal.target, map[string]bool{}
	for _, setting := range t.settings() {
		refused, later := compat.TraefikRefusedLater(setting.path)
		name := strings.Join(refused.Path, ".")
		if !later || t.avoids(setting) || told[name] {
			continue
		}
		told[name] = true
		p.Warn("%s: charts from %s on refuse the values under %s. Before an upgrade of the chart across that version that keeps the values, "+
			"run this with state: absent, then upgrade, then run it with state: present", s, refused.From, name)
	}
}

// bundled reports whether k3s brings the chart: it packages it without a schema.
func (s Status) bundled() bool {
	return s.source != nil && strings.Contains(s.source.Spec.Chart, placeholder) || strings.ContainsAny(s.Chart, "+_")
}

// warnOfReplaced tells by name which settings of the user's a change replaces.
func (s Status) warnOfReplaced(p *plan.Plan) {
	var changes []string
	for _, entry := range s.Proposal.entries {
		place := owned{entry.Path, entry.Item, entry.String()}
		if change := s.Proposal.replaces(place); change != "" && !s.Proposal.target.removesBackendSetting(entry) {
			changes = append(changes, change)
		}
	}
	if len(changes) > 0 {
		p.Warn("%s: settings of yours are replaced until state: absent puts them back: %s", s, strings.Join(changes, ", "))
	}
}

// replaces says what a setting of the user's becomes, "" where there was none or
// where it stays.
func (p Proposal) replaces(place owned) string {
	_, before := p.Before[place.name]
	_, after := p.After[place.name]
	was, is := place.in(p.target.base.own), place.in(p.Values)
	if was == nil && !p.target.released { // the values below a release's own are the chart's, nobody's choice
		was = place.in(p.target.base.lower)
	}
	switch {
	case !before && !after || was == nil || was == "" || off(was) || overlay.Equal(was, is):
		return ""
	case is == nil:
		return place.title() + " goes"
	}
	return fmt.Sprintf("%s becomes %s", place.masked(was), strings.TrimPrefix(place.masked(is), place.title()+" "))
}

// off reports whether values switch off what they are about, so that nothing is
// lost with them.
func off(value any) bool {
	values, isMap := value.(map[string]any)
	if !isMap {
		return false
	}
	on, said := values["enabled"]
	return len(values) == 0 || said && on == false
}

// title names a place as the user wrote it: the flag for an argument.
func (o owned) title() string {
	if o.item != "" && slices.Equal(o.path, argumentsPath) {
		return "--" + o.item
	}
	return o.name
}

// masked is a place with a value, as far as that may be shown and is short.
func (o owned) masked(value any) string {
	shown, _ := secret.Masked(map[string]any{o.name: value}).(map[string]any)
	switch v := shown[o.name].(type) {
	case string:
		_, given, isFlag := strings.Cut(v, "=")
		if isFlag && strings.HasPrefix(v, "-") {
			return o.title() + " " + given
		}
		return o.title() + " " + v
	case map[string]any:
		if text, isText := v["value"].(string); isText {
			return o.title() + " " + text
		}
		return o.title()
	default:
		return fmt.Sprintf("%s %v", o.title(), v)
	}
}

// warnOfBackendSettings tells which headers and TLS settings go, and which stay
// although the address is new.
func (s Status) warnOfBackendSettings(p *plan.Plan) {
	t := s.Proposal.target
	for _, setting := range t.backendSettings {
		place := setting.place()
		if _, there := s.Proposal.Before[place.name]; there {
			p.Warn("%s: %s is taken away until state: absent puts it back: it was made for another back end, and must not go to %s",
				s, place.title(), origin(t.endpoint))
		}
	}
	for _, title := range s.Proposal.keptBackendSettings() {
		p.Warn("%s: %s stays, and goes along to %s", s, title, origin(t.endpoint))
	}
}
