// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

// state is all that the stand-in remembers. It is written to disk as it is,
// secrets in plain text: this is a lab.
type state struct {
	LastID   int64
	Orgs     []*org
	Users    []*user
	Accounts []*account
	Sources  []*source
}

type org struct {
	ID   int64
	Name string
}

type user struct {
	ID              int64
	Login, Password string
	ServerAdmin     bool
	// OrgID is the organization of requests without a header.
	OrgID int64
	Roles map[int64]string
}

// account is a service account with the SHA-256 sums of its tokens.
type account struct {
	ID, OrgID  int64
	Name, Role string
	Tokens     []string
}

// source is one data source.
type source struct {
	ID, OrgID                  int64
	Version                    int64
	UID, Name, Type, Access    string
	URL, User, Database        string
	BasicAuth                  bool
	BasicAuthUser              string
	WithCredentials, IsDefault bool
	ReadOnly, Prunable         bool
	JSONData                   object
	Secure                     map[string]string
}

func (s *state) nextID() int64 {
	s.LastID++
	return s.LastID
}

func (s *state) userNamed(login string) *user {
	return find(s.Users, func(u *user) bool { return u.Login == login })
}

func (s *state) orgNamed(name string) *org {
	return find(s.Orgs, func(o *org) bool { return o.Name == name })
}

func (s *state) orgWithID(id int64) *org {
	return find(s.Orgs, func(o *org) bool { return o.ID == id })
}

func (s *state) accountOfToken(sum string) *account {
	return find(s.Accounts, func(a *account) bool {
		return find(a.Tokens, func(t string) bool { return t == sum }) != ""
	})
}

func (s *state) sourceNamed(orgID int64, name string) *source {
	return find(s.Sources, func(d *source) bool { return d.OrgID == orgID && d.Name == name })
}

func (s *state) sourceWithUID(orgID int64, uid string) *source {
	return find(s.Sources, func(d *source) bool { return d.OrgID == orgID && d.UID == uid })
}

func (s *state) sourceWithID(orgID, id int64) *source {
	return find(s.Sources, func(d *source) bool { return d.OrgID == orgID && d.ID == id })
}

// find returns the first item that matches, or the zero value.
func find[T any](items []T, fits func(T) bool) T {
	for _, item := range items {
		if fits(item) {
			return item
		}
	}
	var none T
	return none
}
