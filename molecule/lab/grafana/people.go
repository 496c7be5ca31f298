// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"

	"github.com/grafana/grafana-openapi-client-go/models"
)

func (s *server) currentUser(who caller, _ *http.Request) answer {
	if who.user == nil {
		// A service account has no profile (userimpl/store.go, notServiceAccountFilter).
		return message(http.StatusNotFound, "user not found")
	}
	return ok(object{
		"id": who.user.ID, "login": who.user.Login, "name": "", "email": who.user.Login + "@localhost",
		"orgId": who.orgID, "isGrafanaAdmin": who.serverAdmin, "isDisabled": false, "isExternal": false,
	})
}

func (s *server) currentOrg(who caller, _ *http.Request) answer {
	var found *org
	s.store.read(func(now *state) { found = now.orgWithID(who.orgID) })
	return shownOrg(found)
}

func (s *server) orgByName(_ caller, r *http.Request) answer {
	var found *org
	s.store.read(func(now *state) { found = now.orgNamed(r.PathValue("name")) })
	return shownOrg(found)
}

func shownOrg(o *org) answer {
	if o == nil {
		return message(http.StatusNotFound, "Organization not found")
	}
	return ok(object{"id": o.ID, "name": o.Name, "address": object{"address1": "", "city": "", "country": ""}})
}

// createOrg makes the caller an admin of the new organization, as Grafana does.
func (s *server) createOrg(who caller, r *http.Request) answer {
	var cmd models.CreateOrgCommand
	if err := bind(r, &cmd); err != nil || cmd.Name == "" {
		return message(http.StatusBadRequest, "bad request data")
	}
	var reply answer
	err := s.store.change(func(now *state) error {
		if now.orgNamed(cmd.Name) != nil {
			reply = message(http.StatusConflict, "Organization name taken")
			return nil
		}
		made := &org{ID: now.nextID(), Name: cmd.Name}
		now.Orgs = append(now.Orgs, made)
		now.userNamed(who.user.Login).Roles[made.ID] = roleAdmin
		reply = ok(object{"orgId": made.ID, "message": "Organization created"})
		return nil
	})
	if err != nil {
		return because(http.StatusInternalServerError, "Failed to create organization", err)
	}
	return reply
}

// createUser makes a viewer of organization 1, Grafana's default for new users.
func (s *server) createUser(_ caller, r *http.Request) answer {
	var form models.AdminCreateUserForm
	if err := bind(r, &form); err != nil || form.Login == "" || len(form.Password) < 4 {
		return message(http.StatusBadRequest, "bad request data")
	}
	var reply answer
	err := s.store.change(func(now *state) error {
		if now.userNamed(form.Login) != nil {
			reply = message(http.StatusPreconditionFailed, "User with email '' or username '"+form.Login+"' already exists")
			return nil
		}
		made := &user{ID: now.nextID(), Login: form.Login, Password: string(form.Password), OrgID: 1,
			Roles: map[int64]string{1: roleViewer}}
		now.Users = append(now.Users, made)
		reply = ok(object{"id": made.ID, "message": "User created"})
		return nil
	})
	if err != nil {
		return because(http.StatusInternalServerError, "failed to create user", err)
	}
	return reply
}

func (s *server) createAccount(who caller, r *http.Request) answer {
	var form models.CreateServiceAccountForm
	if err := bind(r, &form); err != nil || form.Name == "" {
		return message(http.StatusBadRequest, "Bad request data")
	}
	if !slices.Contains([]string{roleAdmin, roleEditor, roleViewer}, form.Role) {
		return message(http.StatusBadRequest, "Bad request data")
	}
	var made *account
	err := s.store.change(func(now *state) error {
		made = &account{ID: now.nextID(), OrgID: who.orgID, Name: form.Name, Role: form.Role}
		now.Accounts = append(now.Accounts, made)
		return nil
	})
	if err != nil {
		return because(http.StatusInternalServerError, "Failed to create service account", err)
	}
	return jsonAnswer{http.StatusCreated, object{"id": made.ID, "name": made.Name, "role": made.Role, "orgId": made.OrgID}}
}

// createToken returns the token this once; only its hash is kept.
func (s *server) createToken(who caller, r *http.Request) answer {
	var cmd models.AddServiceAccountTokenCommand
	id, notNumber := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err := bind(r, &cmd); err != nil || notNumber != nil {
		return message(http.StatusBadRequest, "Bad request data")
	}
	token := "glsa_" + rand.Text()
	var reply answer
	err := s.store.change(func(now *state) error {
		owner := find(now.Accounts, func(a *account) bool { return a.ID == id && a.OrgID == who.orgID })
		if owner == nil {
			reply = message(http.StatusNotFound, "Failed to retrieve service account")
			return nil
		}
		owner.Tokens = append(owner.Tokens, hashed(token))
		reply = ok(object{"id": now.nextID(), "name": cmd.Name, "key": token})
		return nil
	})
	if err != nil {
		return because(http.StatusInternalServerError, "Failed to add service account token", err)
	}
	return reply
}
