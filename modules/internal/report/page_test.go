// SPDX-License-Identifier: AGPL-3.0-or-later

package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/tempo"
)

func TestPage(t *testing.T) {
	cases := map[string]struct {
		reason      string
		page        Page
		want        []string
		wantWithout []string
	}{
		"passed": {"green", Page{Headline: "every hop passed", Passed: true, Hops: []Hop{{Outcome: "passed"}}},
			[]string{`class="verdict passed"`, `<li class="passed">`, "<title>Tracing: every hop passed</title>"}, []string{"Cluster", "Open in Grafana", "class=\"cause"}},
		"doubtful": {"yellow", Page{Passed: true, Hops: []Hop{{Outcome: "passed", Doubt: "it said 404"}, {Outcome: "passed"}}},
			[]string{`class="verdict doubtful"`, `<li class="doubtful">`, `<li class="passed">`, "it said 404"}, nil},
		"failed": {"a failure outweighs a doubt", Page{Hops: []Hop{{Outcome: "passed", Doubt: "it said 404"}, {Outcome: "failed", Cause: &Cause{"no route", []string{"the Ingress"}}}}},
			[]string{`class="verdict failed"`, `<li class="doubtful">`, `<li class="failed">`, "no route", "Where to look:", "the Ingress"}, nil},
		"words": {"in plain words", Page{Hops: []Hop{{Outcome: "skipped"}, {Outcome: "absent"}}},
			[]string{`<span class="took">not checked</span>`, `<span class="took">not there</span>`}, nil},
		"cluster": {"its name is shown", Page{Cluster: "attic & co", Headline: "h"}, []string{"Cluster <b>attic &amp; co</b>", "<title>Tracing on attic &amp; co: h</title>"}, nil},
		"link": {"to Grafana", Page{Explore: "https://grafana.example/explore?left=%7B%7D&orgId=7", Trace: &tempo.Trace{ID: "abc", Spans: []tempo.Span{{ID: "a"}}}},
			[]string{`<a href="https://grafana.example/explore?left=%7B%7D&amp;orgId=7" rel="noreferrer">Open in Grafana</a>`}, nil},
		"no link": {"an address that would run in the reader's browser", Page{Explore: "javascript:alert(1)", Trace: &tempo.Trace{ID: "abc", Spans: []tempo.Span{{ID: "a"}}}},
			nil, []string{"alert(1)"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			page, err := test.page.Render()
			require.NoError(t, err)
			body := string(page)
			for _, part := range test.want {
				require.Contains(t, body, part, test.reason)
			}
			for _, part := range test.wantWithout {
				require.NotContains(t, body, part, test.reason)
			}
		})
	}
}
