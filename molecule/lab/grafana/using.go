// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"net/http"
	"strconv"
)

// frontendSettings is where community.grafana reads the version.
func (s *server) frontendSettings(caller, *http.Request) answer {
	return ok(object{"buildInfo": object{"version": s.options.Version, "commit": "stand-in"}})
}

// userOrgs lists the organizations that the caller is a member of.
func (s *server) userOrgs(who caller, _ *http.Request) answer {
	if who.user == nil {
		return message(http.StatusNotFound, "user not found")
	}
	items := []object{}
	s.store.read(func(now *state) {
		for _, o := range now.Orgs {
			if role, isMember := who.user.Roles[o.ID]; isMember {
				items = append(items, object{"orgId": o.ID, "name": o.Name, "role": role})
			}
		}
	})
	return ok(items)
}

// useOrg sets the organization of later requests without a header
// (pkg/api/user.go, UserSetUsingOrg).
func (s *server) useOrg(who caller, r *http.Request) answer {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return message(http.StatusBadRequest, "id is invalid")
	}
	if who.user == nil || who.user.Roles[id] == "" {
		return message(http.StatusUnauthorized, "Not a valid organization")
	}
	err = s.store.change(func(now *state) error {
		now.userNamed(who.user.Login).OrgID = id
		return nil
	})
	if err != nil {
		return because(http.StatusInternalServerError, "Failed to change active organization", err)
	}
	return message(http.StatusOK, "Active organization changed")
}
