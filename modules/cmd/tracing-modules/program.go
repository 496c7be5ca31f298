// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/registry"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/wire"
)

// program is the process's surroundings, so that tests can give others.
type program struct {
	in       io.Reader
	out, log io.Writer
	env      option.Lookup
}

// run answers one request and reports whether the task succeeded.
func (p program) run(ctx context.Context, argv []string) bool {
	hide := &secret.Redactor{}
	result := p.answer(ctx, argv, hide)
	if err := result.Write(p.out, hide); err != nil {
		_, _ = fmt.Fprintln(p.log, "write the result:", err)
		return false
	}
	return !result.Failed()
}

// answer turns a panic into a failed result. The panic's value may hold
// anything, so only its type is shown.
func (p program) answer(ctx context.Context, argv []string, hide *secret.Redactor) (result wire.Result) {
	defer func() {
		if cause := recover(); cause != nil {
			result = wire.Failure(fmt.Sprintf("internal error: %s", describe(cause, hide)))
		}
	}()
	request, err := p.request(argv)
	if err != nil {
		return wire.Failure(err.Error())
	}
	module, known := registry.Modules[request.Module]
	if !known {
		return wire.Failure(fmt.Sprintf("there is no module %q; this program has %s", request.Module,
			strings.Join(slices.Sorted(maps.Keys(registry.Modules)), ", ")))
	}
	return module().Run(ctx, request, p.env, hide, p.log)
}

func describe(cause any, hide *secret.Redactor) string {
	if err, isError := cause.(error); isError {
		return hide.Text(err.Error())
	}
	return fmt.Sprintf("panic of type %T", cause)
}

// request reads the arguments from the file that argv names, or from the
// standard input for "-".
func (p program) request(argv []string) (wire.Request, error) {
	if len(argv) != 2 {
		return wire.Request{}, fmt.Errorf("usage: %s ARGS_FILE, or - for standard input", filepath.Base(argv[0]))
	}
	in := p.in
	if argv[1] != "-" {
		file, err := os.Open(argv[1])
		if err != nil {
			return wire.Request{}, fmt.Errorf("read the arguments: %w", err)
		}
		defer file.Close() //nolint:errcheck // it was only read
		in = file
	}
	request, err := wire.ReadRequest(in)
	if request.Module == "" {
		request.Module = moduleOf(argv[0])
	}
	return request, err
}

// moduleOf takes the module's name from the program's file name, which Ansible
// writes as AnsiballZ_NAME for a binary module (ansible-core,
// plugins/action/__init__.py).
func moduleOf(path string) string {
	name := strings.TrimPrefix(filepath.Base(path), "AnsiballZ_")
	return strings.TrimSuffix(name, filepath.Ext(name))
}
