// SPDX-License-Identifier: AGPL-3.0-or-later

// Package wire is what passes between Ansible and the program: one JSON
// request in, one JSON line out.
package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
)

// Request is what Ansible asks of a module.
type Request struct {
	// Module is the short name: "tempo_helm" of "picluster.tracing.tempo_helm";
	// empty when Ansible did not say.
	Module string
	// Check asks for the plan only.
	Check bool
	// Diff asks for the difference in the result.
	Diff bool
	// Verbosity is the number of -v.
	Verbosity int
	// Options are the task's own, without Ansible's keys. Whole numbers are
	// int64, others float64.
	Options map[string]any
}

// prefix marks Ansible's own keys in the request. Each release adds some
// (ansible-core, plugins/action/__init__.py, _update_module_args), so unknown
// ones are passed over.
const prefix = "_ansible_"

// ReadRequest reads the one JSON object of a request. Its error never quotes
// the input, since that holds passwords.
func ReadRequest(in io.Reader) (Request, error) {
	decoder := json.NewDecoder(in)
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
		request.Options[key] = plainNumbers(value)
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
		number, _ := plainNumbers(value).(int64)
		r.Verbosity = int(number)
	}
}

// plainNumbers replaces json.Number by int64 where the number is whole and
// fits, else by float64, at every depth.
func plainNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		return plainNumber(v)
	case map[string]any:
		for key, item := range v {
			v[key] = plainNumbers(item)
		}
	case []any:
		for i, item := range v {
			v[i] = plainNumbers(item)
		}
	}
	return value
}

func plainNumber(number json.Number) any {
	if n, err := number.Int64(); err == nil {
		return n
	}
	f, err := number.Float64()
	if err != nil || math.IsInf(f, 0) {
		return number.String()
	}
	return f
}
