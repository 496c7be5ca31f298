// SPDX-License-Identifier: AGPL-3.0-or-later

// Package wire defines what Ansible and the program exchange: one JSON request in,
// one JSON line out.
package wire

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Request is what Ansible asks of a module.
type Request struct {
	// Module is the short name: "tempo_helm" of "picluster.tracing.tempo_helm";
	// empty when Ansible did not say.
	Module string
	// Check asks for the plan only (check mode).
	Check bool
	// Diff asks for the difference in the result.
	Diff bool
	// Verbosity is the number of -v.
	Verbosity int
	// Options are the task's own, without Ansible's keys. Numbers are
	// json.Number, with their digits unchanged: a text option must not lose
	// any.
	Options map[string]any
}

// prefix marks Ansible's own keys in the request. Each release adds some
// (ansible-core, plugins/action/__init__.py, _update_module_args), so unknown
// ones are ignored.
const prefix = "_ansible_"

// ReadRequest reads the one JSON object of a request. Its error never quotes
// the input, since that holds passwords.
func ReadRequest(in io.Reader) (Request, error) {
	decoder := json.NewDecoder(&standard{in: bufio.NewReader(in)})
	decoder.UseNumber()
	var raw map[string]any
	if err := decoder.Decode(&raw); err != nil || raw == nil {
		return Request{}, fmt.Errorf("read the arguments: they are not one JSON object")
	}
	request := Request{Options: map[string]any{}}
	for key, value := range raw {
		if name, ours := strings.CutPrefix(key, prefix); ours {
			request.set(name, value)
			continue
		}
		request.Options[key] = value
	}
	return request, nil
}

func (r *Request) set(name string, value any) {
	switch name {
	case "module_name":
		full, _ := value.(string)
		r.Module = full[strings.LastIndex(full, ".")+1:]
	case "check_mode":
		r.Check, _ = value.(bool)
	case "diff":
		r.Diff, _ = value.(bool)
	case "verbosity":
		number, _ := value.(json.Number)
		verbosity, _ := number.Int64()
		r.Verbosity = int(verbosity)
	}
}
