// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// store keeps the state in memory and, with a file, on disk.
type store struct {
	lock  sync.Mutex
	state *state
	file  string // "" = memory only
}

// openStore reads the state, or starts with one organization and the server
// admin. The admin's login follows the options at every start.
func openStore(o Options) (*store, error) {
	s := &store{state: &state{Orgs: []*org{{ID: 1, Name: "Main Org."}}, LastID: 1}}
	if o.DataDir != "" {
		s.file = filepath.Join(o.DataDir, "state.json")
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	s.setAdmin(o.AdminUser, o.AdminPassword)
	return s, s.save()
}

func (s *store) setAdmin(login, password string) {
	admin := find(s.state.Users, func(u *user) bool { return u.ServerAdmin })
	if admin == nil {
		admin = &user{ID: 1, ServerAdmin: true, OrgID: 1, Roles: map[int64]string{1: roleAdmin}}
		s.state.Users = append(s.state.Users, admin)
	}
	admin.Login, admin.Password = login, password
}

func (s *store) load() error {
	if s.file == "" {
		return nil
	}
	data, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, s.state)
}

// save writes a new file and renames it, so that a reader never sees half a file.
func (s *store) save() error {
	if s.file == "" {
		return nil
	}
	data, err := json.MarshalIndent(s.state, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(s.file+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(s.file+".new", s.file)
}

// change runs a change under the lock and saves. If the change or the save
// fails, the state is as before.
func (s *store) change(alter func(*state) error) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	before, err := json.Marshal(s.state)
	if err != nil {
		return err
	}
	err = alter(s.state)
	if err == nil {
		err = s.save()
	}
	if err == nil {
		return nil
	}
	restored := &state{}
	if undo := json.Unmarshal(before, restored); undo != nil {
		return errors.Join(err, undo)
	}
	s.state = restored
	return err
}

// read runs look under the lock.
func (s *store) read(look func(*state)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	look(s.state)
}
