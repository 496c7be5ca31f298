// SPDX-License-Identifier: AGPL-3.0-or-later

package grafana

import (
	"cmp"
	"slices"
)

// full is the body of GET by uid (pkg/api/dtos, DataSource). Secrets are not in
// it, only the names of those that are set.
func (d *source) full() object {
	isSet := map[string]bool{}
	for name, value := range d.Secure {
		if value != "" {
			isSet[name] = true
		}
	}
	shown := d.brief()
	delete(shown, "typeName")
	shown["basicAuthUser"] = d.BasicAuthUser
	shown["withCredentials"] = d.WithCredentials
	shown["secureJsonFields"] = isSet
	shown["version"] = d.Version
	shown["apiVersion"] = ""
	return shown
}

// brief is one item of the list (pkg/api/dtos, DataSourceListItemDTO).
func (d *source) brief() object {
	return object{
		"id": d.ID, "uid": d.UID, "orgId": d.OrgID, "name": d.Name,
		"type": d.Type, "typeName": d.Type, "typeLogoUrl": "public/img/icn-datasource.svg",
		"access": d.Access, "url": d.URL, "user": d.User, "database": d.Database,
		"basicAuth": d.BasicAuth, "isDefault": d.IsDefault, "jsonData": d.JSONData, "readOnly": d.ReadOnly,
	}
}

// listed sorts by name as Grafana does.
func listed(sources []*source) []object {
	slices.SortFunc(sources, func(a, b *source) int { return cmp.Compare(a.Name, b.Name) })
	items := []object{}
	for _, d := range sources {
		items = append(items, d.brief())
	}
	return items
}
