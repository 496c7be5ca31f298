// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"crypto/rand"
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// validUID is Grafana's short uid (pkg/util/shortid_generator.go).
var validUID = regexp.MustCompile(`^[a-zA-Z0-9\-_]{1,40}$`)

// Longest name and URL in bytes (pkg/services/datasources/service/datasource.go).
const (
	longestName = 190
	longestURL  = 255
)

// limits checks the limits that hold for every data source.
func (c command) limits() error {
	switch {
	case len(c.Name) > longestName:
		return errNameInvalid
	case len(c.URL) > longestURL:
		return errURLInvalid
	case c.UID != "" && !validUID.MatchString(c.UID):
		return errUIDInvalid
	}
	return nil
}

// add creates a data source. The first one of an organization becomes its default.
func (s *state) add(orgID int64, c command) (*source, error) {
	if err := c.limits(); err != nil {
		return nil, err
	}
	if c.Name == "" {
		c.Name = s.freeName(orgID, c.Type)
	}
	if s.sourceNamed(orgID, c.Name) != nil {
		return nil, errNameTaken
	}
	if c.UID == "" {
		c.UID = strings.ToLower(rand.Text()[:14])
	}
	if s.sourceWithUID(orgID, c.UID) != nil {
		return nil, errUIDTaken
	}
	if s.ofOrg(orgID) == nil {
		c.IsDefault = true
	}
	made := &source{ID: s.nextID(), OrgID: orgID, Secure: map[string]string{}}
	s.Sources = append(s.Sources, made)
	made.take(c)
	made.Version = 1
	s.oneDefault(made)
	return made, nil
}

func (s *state) freeName(orgID int64, kind string) string {
	name := kind
	for digit := 1; s.sourceNamed(orgID, name) != nil; digit++ {
		name = fmt.Sprintf("%s-%d", kind, digit)
	}
	return name
}

// update changes a data source. A version of 0 is not compared.
func (s *state) update(d *source, c command) error {
	if err := c.limits(); err != nil {
		return err
	}
	if named := s.sourceNamed(d.OrgID, c.Name); c.Name != d.Name && named != nil {
		return errNameTaken
	}
	if other := s.sourceWithUID(d.OrgID, c.UID); other != nil && other != d {
		return errUIDClash
	}
	if c.Version != 0 && d.Version > c.Version {
		return errOldVersion
	}
	d.take(c)
	d.Version = c.Version + 1
	s.oneDefault(d)
	return nil
}

// take copies the command. Empty strings leave these columns alone, because
// Grafana's database layer skips them (store.go, UpdateDataSource: all columns
// but those of UseBool and MustCols).
func (d *source) take(c command) {
	for _, column := range []struct {
		value *string
		next  string
	}{
		{&d.UID, c.UID}, {&d.Name, c.Name}, {&d.Type, c.Type}, {&d.Access, string(c.Access)},
		{&d.URL, c.URL}, {&d.BasicAuthUser, c.BasicAuthUser},
	} {
		if column.next != "" {
			*column.value = column.next
		}
	}
	d.User, d.Database = c.User, c.Database
	d.BasicAuth, d.WithCredentials, d.IsDefault = c.BasicAuth, c.WithCredentials, c.IsDefault
	d.ReadOnly, d.Prunable = c.readOnly, c.prunable
	d.JSONData = c.settings
	if c.forgetSecrets {
		d.Secure = map[string]string{}
	}
	maps.Copy(d.Secure, c.SecureJSONData)
}

// oneDefault makes d the only default if it is one.
func (s *state) oneDefault(d *source) {
	for _, other := range s.Sources {
		if d.IsDefault && other.OrgID == d.OrgID && other != d {
			other.IsDefault = false
		}
	}
}

func (s *state) remove(d *source) {
	kept := []*source{}
	for _, other := range s.Sources {
		if other != d {
			kept = append(kept, other)
		}
	}
	s.Sources = kept
}

func (s *state) ofOrg(orgID int64) []*source {
	var found []*source
	for _, d := range s.Sources {
		if d.OrgID == orgID {
			found = append(found, d)
		}
	}
	return found
}
