// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"net/http"
	"strconv"
)

// pick finds the data source that the path names, by uid, name or id.
func (s *state) pick(who caller, r *http.Request) (*source, error) {
	var found *source
	switch {
	case r.PathValue("uid") != "":
		found = s.sourceWithUID(who.orgID, r.PathValue("uid"))
	case r.PathValue("name") != "":
		found = s.sourceNamed(who.orgID, r.PathValue("name"))
	default:
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			return nil, errNotFound
		}
		found = s.sourceWithID(who.orgID, id)
	}
	if found == nil {
		return nil, errNotFound
	}
	return found, nil
}

func (s *server) listSources(who caller, _ *http.Request) answer {
	var items []object
	s.store.read(func(now *state) { items = listed(now.ofOrg(who.orgID)) })
	return ok(items)
}

func (s *server) showSource(who caller, r *http.Request) answer {
	var reply answer
	s.store.read(func(now *state) {
		d, err := now.pick(who, r)
		if err != nil {
			reply = refusal("query", err)
			return
		}
		reply = ok(d.full())
	})
	return reply
}

func (s *server) showSourceID(who caller, r *http.Request) answer {
	var reply answer
	s.store.read(func(now *state) {
		d, err := now.pick(who, r)
		if err != nil {
			reply = refusal("query", err)
			return
		}
		reply = ok(object{"id": d.ID})
	})
	return reply
}

func (s *server) createSource(who caller, r *http.Request) answer {
	cmd, err := bindCreate(r)
	if err != nil {
		return because(http.StatusBadRequest, "bad request data", err)
	}
	if err := checkURL(cmd.Type, cmd.URL); cmd.URL != "" && err != nil {
		return because(http.StatusBadRequest, "Validation error, invalid URL", err)
	}
	var reply answer
	err = s.store.change(func(now *state) error {
		made, err := now.add(who.orgID, cmd)
		if err != nil {
			return err
		}
		reply = ok(object{"message": "Datasource added", "id": made.ID, "name": made.Name, "datasource": made.full()})
		return nil
	})
	if err != nil {
		return refusal("add", err)
	}
	return reply
}

func (s *server) updateSource(who caller, r *http.Request) answer {
	cmd, err := bindUpdate(r)
	if err != nil {
		return because(http.StatusBadRequest, "bad request data", err)
	}
	if err := checkURL(cmd.Type, cmd.URL); err != nil {
		return because(http.StatusBadRequest, "Validation error, invalid URL", err)
	}
	var reply answer
	err = s.store.change(func(now *state) error {
		d, err := now.pick(who, r)
		if err != nil {
			return err
		}
		if d.ReadOnly {
			return errReadOnly
		}
		if err := now.update(d, cmd); err != nil {
			return err
		}
		reply = ok(object{"message": "Datasource updated", "id": d.ID, "name": cmd.Name, "datasource": d.full()})
		return nil
	})
	if err != nil {
		return refusal("update", err)
	}
	return reply
}

func (s *server) deleteSource(who caller, r *http.Request) answer {
	var reply answer
	err := s.store.change(func(now *state) error {
		d, err := now.pick(who, r)
		if err != nil {
			return err
		}
		if d.ReadOnly {
			return errReadOnly
		}
		now.remove(d)
		reply = ok(object{"message": "Data source deleted", "id": d.ID})
		return nil
	})
	if err != nil {
		return refusal("delete", err)
	}
	return reply
}
