// SPDX-License-Identifier: AGPL-3.0-or-later

package tempo

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Complete adds to the address of an endpoint what people leave out, alike for
// every protocol: "10.0.0.11" has the protocol's port, "10.0.0.11:4318" is plain
// HTTP where the protocol is HTTP, and a URL without a path has the protocol's.
// Another path stays. For gRPC the answer is host:port, or a URL where one
// was given. The error says what is wrong with the address and does not quote it,
// since it may hold a login.
func (e Endpoint) Complete(address string) (string, error) {
	at := slices.IndexFunc(receivers, func(p port) bool { return p.endpoint == e })
	row := query
	if at >= 0 {
		row = receivers[at]
	}
	return row.complete(strings.TrimSpace(address))
}

func (p port) complete(address string) (string, error) {
	written, bare := address, !strings.Contains(address, "://")
	if bare {
		written = "http://" + address
	}
	read, err := url.Parse(written)
	if err == nil {
		err = p.wrong(read)
	}
	if err != nil || read.Hostname() == "" {
		return "", fmt.Errorf("must be %s", p.sample())
	}
	if read.User != nil {
		return "", errors.New("must not hold a login")
	}
	if bare && read.Port() == "" {
		read.Host = strings.TrimSuffix(read.Host, ":") + ":" + strconv.Itoa(int(p.number))
	}
	if !p.web && bare {
		return read.Host, nil
	}
	read.Path = p.within(read.Path)
	return read.String(), nil
}

// within is the protocol's path for a URL that has none, and drops the slashes behind
// it: receivers answer 404 to these.
func (p port) within(path string) string {
	trimmed := strings.TrimRight(path, "/")
	switch {
	case trimmed == "":
		return p.path
	case strings.HasSuffix(trimmed, p.path):
		return trimmed
	}
	return path
}

// wrong is an address of another kind: no client of this one knows its scheme.
func (p port) wrong(read *url.URL) error {
	if read.Scheme != "http" && read.Scheme != "https" {
		return errors.New("another scheme")
	}
	if number, err := strconv.ParseUint(read.Port(), 10, 16); read.Port() != "" && (err != nil || number == 0) {
		return errors.New("no port has this number")
	}
	return nil
}

// sample is an address as it should be.
func (p port) sample() string {
	if p.web {
		return "host:port or a URL such as " + p.address("10.0.0.11", p.number)
	}
	return "host:port such as " + p.address("10.0.0.11", p.number)
}
