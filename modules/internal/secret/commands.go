// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"strings"

	"github.com/picluster/tracing/modules/internal/lazyregexp"
)

// commands take a login by place or after a flag of one letter, which no name of a
// setting shows. Their manuals tell. Other words, up to the end of the command, may stand
// between.
var commands = []*textPattern{
	{hints: []string{"curl "}, form: lazyregexp.Regexp{Expr: `\bcurl\s(?:[^;|&\n]*?\s)?(?:-[A-Za-z]*u|--user)[ =]*['"]?[^\s:'"=]+:([^\s'"]+)`}},
	{hints: []string{"sshpass "}, form: lazyregexp.Regexp{Expr: `\bsshpass\s+-p\s*(\S+)`}},
	{hints: []string{"alias set ", "host add "}, form: lazyregexp.Regexp{Expr: `\b(?:alias set|host add)\s+\S+\s+\S+\s+\S+\s+([^\s;|&]+)`}},
	{hints: []string{"redis-cli ", "valkey-cli "}, form: lazyregexp.Regexp{Expr: `\b(?:redis|valkey)-cli\s(?:[^;|&\n]*?\s)?(?:-a|--pass)[ =]*([^\s'"]+)`}},
	{hints: []string{"mysql", "mariadb"}, form: lazyregexp.Regexp{Expr: `\b(?:mysql|mariadb)[a-z-]*\s(?:[^;|&\n]*?\s)?-p([^\s'"]+)`}},
	{hints: []string{"ldap"}, form: lazyregexp.Regexp{Expr: `\bldap[a-z]+\s(?:[^;|&\n]*?\s)?-w\s*([^\s'"]+)`}},
	{hints: []string{" login "}, form: lazyregexp.Regexp{Expr: `\b(?:docker|podman|nerdctl|helm|crane|skopeo|oras|argocd)\s(?:[^;|&\n]*?\s)?login\s(?:[^;|&\n]*?\s)?-p[ =]*([^\s'"]+)`}},
	{hints: []string{"_pub ", "_sub "}, form: lazyregexp.Regexp{Expr: `\bmosq[a-z]+_(?:pub|sub)\s(?:[^;|&\n]*?\s)?-P\s*([^\s'"]+)`}},
	{hints: []string{"pass:"}, form: lazyregexp.Regexp{Expr: `-pass(?:in|out)?\s+pass:([^\s'"]+)`}},
	{hints: []string{"--from-literal"}, form: lazyregexp.Regexp{Expr: `\bsecret\b[^;|&\n]*?--from-literal[= ]['"]?[^=\s]+=([^\s'"]+)`}},
}

// spoken finds the secrets of a command whose words are the items of a list: by
// item, "" for none.
func spoken(items []any) []string {
	found := make([]string, len(items))
	var all strings.Builder
	ends := make([]int, len(items))
	for i, item := range items {
		word, isText := item.(string)
		if !isText || strings.ContainsAny(word, " \n") {
			return found
		}
		all.WriteString(word + " ")
		ends[i] = all.Len()
	}
	for _, one := range commands {
		if one.hinted(all.String()) {
			one.among(all.String(), ends, found)
		}
	}
	return found
}

// among notes what matches at the word in which it is; ends are where the words end.
func (p *textPattern) among(all string, ends []int, found []string) {
	for _, at := range p.form.Get().FindAllStringSubmatchIndex(all, -1) {
		from, to := lastGroup(at)
		for i, end := range ends {
			if from < end {
				found[i] = all[from:min(to, end)]
				break
			}
		}
	}
}
