// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// seaweedfs is the value of LAB_S3 for the lab's own build of it.
const seaweedfs = "seaweedfs"

// set is the value of the row's variable; "" is the lab's own.
func (r row) set(environment func(string) string) string {
	if r.variable == "" {
		return ""
	}
	text := environment(r.variable)
	if r.name == OtherStore && text == seaweedfs {
		return ""
	}
	return text
}

// brought is the part that a person brings.
func (r row) brought(ctx context.Context, text string) (Part, error) {
	part := Part{Name: r.name, From: fmt.Sprintf(brought, r.variable), Pod: r.pod}
	if r.name == OtherStore && strings.Contains(text, "://") {
		host, err := store(text)
		part.From = fmt.Sprintf(running, r.variable, host)
		return part, err
	}
	if r.name == Charts {
		folder, err := chartsIn(text)
		part.From, part.Programs, part.Version = fmt.Sprintf(beside, r.variable), []Program{folder}, folder.Version
		return part, err
	}
	programs, err := own(ctx, r, text)
	part.Programs, part.Version = programs, versions(programs)
	return part, err
}

// errStore names the form only, since the value has a secret in it.
var errStore = errors.New("a store is given as http://KEY:SECRET@HOST:PORT, or https")

// store is the address of a store that runs.
func store(text string) (host string, err error) {
	at, err := url.Parse(text)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return "", errStore
	}
	if _, secret := at.User.Password(); !secret || at.User.Username() == "" {
		return "", errStore
	}
	return at.Host, nil
}

// own reads PATH, or for Tempo also VERSION=PATH,VERSION=PATH.
func own(ctx context.Context, row row, text string) ([]Program, error) {
	if row.name == Grafana {
		return home(ctx, row, text)
	}
	entries := strings.Split(text, ",")
	if len(entries) > 1 && row.name != Tempo {
		return nil, fmt.Errorf("%q: one program is enough", text)
	}
	var programs []Program
	known := map[string]bool{}
	for _, entry := range entries {
		program, err := one(ctx, row, entry)
		if err != nil {
			return nil, err
		}
		if known[program.Version] {
			return nil, fmt.Errorf("%q: %s is there twice", text, program.Version)
		}
		known[program.Version] = true
		programs = append(programs, program)
	}
	return programs, nil
}

// versionPattern is what charts and images are chosen by.
var versionPattern = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// one reads PATH, or for Tempo also VERSION=PATH.
func one(ctx context.Context, row row, entry string) (Program, error) {
	version, path, named := strings.Cut(entry, "=")
	if row.name != Tempo || !named || strings.Contains(version, "/") {
		version, path = "", entry
	}
	if version != "" && !versionPattern.MatchString(version) {
		return Program{}, fmt.Errorf("%q is no version such as 2.10.8", version)
	}
	program, err := inspect(ctx, path, row)
	if errors.Is(err, errNoVersion) && row.name == Tempo { // one that was built without a version reports none
		if version == "" {
			return Program{}, fmt.Errorf("%w: name it, as in %s=2.10.8=%s", err, row.variable, path)
		}
		program.Version, err = version, nil
	}
	if err != nil {
		return Program{}, err
	}
	if version != "" && version != program.Version {
		return Program{}, fmt.Errorf("%s says that it is %s, not %s", path, program.Version, version)
	}
	return program, nil
}
