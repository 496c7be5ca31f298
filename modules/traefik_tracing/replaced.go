// SPDX-License-Identifier: AGPL-3.0-or-later

package traefik

import (
	"fmt"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/overlay"
	"github.com/picluster/tracing/modules/internal/plan"
)

// replaced tells by name which settings of the user's a change replaces.
func (t target) replaced(steps *plan.Plan, found Found, wanted draft) {
	var names []string
	for _, entry := range t.entries() {
		place := owned{entry.Path, entry.Item, entry.String()}
		if word := t.became(place, wanted); word != "" && !t.astray(entry) {
			names = append(names, word)
		}
	}
	if len(names) > 0 {
		steps.Warn("%s: settings of yours are replaced until state: absent puts them back: %s", found, strings.Join(names, ", "))
	}
	t.tellStrays(steps, found, wanted)
}

// became says what a setting of the user's becomes with this change, "" where
// there was none or where it stays.
func (t target) became(place owned, wanted draft) string {
	_, before := wanted.Before[place.name]
	_, after := wanted.After[place.name]
	was, is := place.in(t.base.own), place.in(wanted.Values)
	if was == nil && !t.released { // the values below a release's own are the chart's, nobody's choice
		was = place.in(t.base.lower)
	}
	switch {
	case !before && !after || was == nil || was == "" || off(was) || overlay.Equal(was, is):
		return ""
	case is == nil:
		return place.title() + " goes"
	}
	return fmt.Sprintf("%s becomes %s", place.said(was), strings.TrimPrefix(place.said(is), place.title()+" "))
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

// said is a place with a value, as far as that may be shown and is short.
func (o owned) said(value any) string {
	switch v := presentable(o.name, value).(type) {
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

// astray reports whether an entry takes a stray away.
func (t target) astray(entry overlay.Entry) bool {
	return slices.ContainsFunc(t.strays, func(s stray) bool { return s.item == entry.Item && slices.Equal(s.path, entry.Path) })
}

// tellStrays tells which headers and TLS settings go, and which stay although the
// address is new.
func (t target) tellStrays(steps *plan.Plan, found Found, wanted draft) {
	for _, stray := range t.strays {
		place := owned{stray.path, stray.item, overlay.Entry{Path: stray.path, Item: stray.item}.String()}
		if _, there := wanted.Before[place.name]; there {
			steps.Warn("%s: %s is taken away until state: absent puts it back: it was made for another back end, and must not go to %s",
				found, place.title(), origin(t.endpoint))
		}
	}
	for _, place := range t.staying(wanted) {
		steps.Warn("%s: %s stays, and goes along to %s", found, place, origin(t.endpoint))
	}
}

// staying are headers and TLS settings of the user's beside an address that this
// change sets.
func (t target) staying(wanted draft) []string {
	if !wanted.sets(strings.Join(append(t.otlpPath(), "endpoint"), ".")) {
		return nil
	}
	var names []string
	for _, stray := range t.strayIn(layers{own: wanted.Values, lower: t.base.lower}) {
		names = append(names, owned{stray.path, stray.item, strings.Join(stray.path, ".")}.title())
	}
	return names
}

func (d draft) sets(name string) bool {
	_, value := d.After[name]
	_, argument := d.After["additionalArguments["+name+"]"]
	return value || argument
}
