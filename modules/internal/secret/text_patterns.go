// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// textPattern is a form of text by which a secret shows, whatever its key is.
type textPattern struct {
	// hints are texts one of which is in any text of the form: the expression is
	// compiled for these alone.
	hints []string
	// form has the secret in its last group that matches.
	form lazyregexp.Regexp
	// matches tells by the first group and the secret whether it is one; nil: always.
	matches func(first, found string) bool
}

var textPatterns = []*textPattern{
	// Each service's documentation on its tokens, and age's on its keys.
	{hints: []string{
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glrt-", "gldt-", "glsa_", "glc_", "hvs.", "hvb.", "xoxb-", "xoxp-", "xapp-",
		"dop_v1_", "tskey-", "npm_", "pypi-", "AGE-SECRET-KEY-",
	}, form: lazyregexp.Regexp{
		Expr: `\b((?:gh[opsur]_|github_pat_|gl(?:pat|rt|dt)-|gl(?:sa|c)_|hv[sb]\.|xox[bp]-|xapp-|dop_v1_|tskey-|npm_|pypi-|AGE-SECRET-KEY-)[A-Za-z0-9_-]{16,})`,
	}, matches: func(_, found string) bool {
		return strings.ToLower(found) != found || strings.ContainsAny(found, "0123456789")
	}},
	// A JSON Web Token: header and payload are objects, which begin so in base64.
	{hints: []string{".eyJ"}, form: lazyregexp.Regexp{Expr: `\b(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})`}},
	// Addresses that are signed, and those of Telegram's bots.
	{hints: []string{"key="}, form: lazyregexp.Regexp{Expr: `[?&]key=([^&\s"']{16,})`}},
	{hints: []string{"sig=", "ignature="}, form: lazyregexp.Regexp{Expr: `[?&](?:sig|[Ss]ignature|X-(?:Amz|Goog)-Signature)=([^&\s"']+)`}},
	{hints: []string{"/bot"}, form: lazyregexp.Regexp{Expr: `/(bot[0-9]{6,}:[A-Za-z0-9_-]{30,})`}},
	// Statements of SQL and directives of web servers.
	{hints: []string{"'", `"`}, form: lazyregexp.Regexp{Expr: `(?i)\b(?:identified\s+by|password|authorization)\s*(?:\s|\()(?:'([^']+)'|"([^"]+)")`}},
	{hints: []string{"eader"}, form: lazyregexp.Regexp{Expr: `(?im)(?:set_header|add_header|header_up|^\s*header)\s+([A-Za-z0-9_-]+)\s+["']?([^"';\n]+)`}, matches: namesSecret},
	{hints: []string{"define("}, form: lazyregexp.Regexp{Expr: `\bdefine\(\s*['"](\w+)['"]\s*,\s*['"]([^'"]+)`}, matches: namesSecret},
	// MySQL's addresses.
	{hints: []string{"@tcp(", "@unix("}, form: lazyregexp.Regexp{Expr: `[^\s:@/'"]:([^\s@]+)@(?:tcp|unix)\(`}},
	// Files whose settings have no sign between key and value: Redis', and netrc.
	{hints: []string{"requirepass ", "masterauth "}, form: lazyregexp.Regexp{Expr: `(?m)^\s*(?:requirepass|masterauth)\s+(\S+)`}},
	{hints: []string{"password "}, form: lazyregexp.Regexp{Expr: `\blogin\s+\S+\s+password\s+(\S+)`}},
	{hints: []string{"asswd ", "assword ", "oken ", "ecret "}, form: lazyregexp.Regexp{
		Expr: `(?m)^[ \t]*([A-Za-z0-9]+[_.][A-Za-z0-9_.]+)[ \t]+([^\s=:]\S*)[ \t]*$`,
	}, matches: namesSecret},
	// Elements of XML, and pairs of attributes.
	{hints: []string{"</"}, form: lazyregexp.Regexp{Expr: `<([A-Za-z0-9_.:-]+)>(?:<!\[CDATA\[)?([^<>\]]+)`}, matches: namesSecret},
	{hints: []string{"value="}, form: lazyregexp.Regexp{Expr: `\b(?:key|name)=["']([^"']+)["']\s+value=["']([^"']+)["']`}, matches: namesSecret},
	// What web servers keep of passwords, one a line (see hashed).
	{hints: []string{"$apr1$", "$2a$", "$2b$", "$2y$", "$argon2", "$5$", "$6$", "$7$"}, form: lazyregexp.Regexp{
		Expr: `(\${1,2}(?:(?:apr1|2[aby]|argon2[a-z]*)\${1,2}[./A-Za-z0-9$=,+-]+|[567]\${1,2}[./A-Za-z0-9$=,+-]{8,}))`,
	}},
}

// namesSecret reports whether a name says that what comes with it is a secret.
func namesSecret(name, value string) bool {
	return Sensitive(name) && !boolean(value) && !isPath(value)
}

// maskPatterns masks what has one of these forms.
func (m *masker) maskPatterns(all string) string {
	for _, one := range slices.Concat(commands, textPatterns) {
		if one.hinted(all) {
			all = m.maskPattern(one, all)
		}
	}
	return all
}

func (p *textPattern) hinted(all string) bool {
	return slices.ContainsFunc(p.hints, func(hint string) bool { return strings.Contains(all, hint) })
}

func (m *masker) maskPattern(one *textPattern, all string) string {
	var out strings.Builder
	done := 0
	for _, at := range one.form.Get().FindAllStringSubmatchIndex(all, -1) {
		from, to := lastGroup(at)
		if one.matches != nil && !one.matches(all[at[2]:at[3]], all[from:to]) {
			continue
		}
		out.WriteString(all[done:from] + m.hide(all[from:to]))
		done = to
	}
	return out.String() + all[done:]
}

// lastGroup is where the last group that matched is.
func lastGroup(at []int) (from, to int) {
	for i := len(at) - 2; i >= 0; i -= 2 {
		if at[i] >= 0 {
			return at[i], at[i+1]
		}
	}
	return 0, 0
}
