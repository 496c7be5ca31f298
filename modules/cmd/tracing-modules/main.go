// SPDX-License-Identifier: AGPL-3.0-or-later

// Tracing-modules runs any of the collection's modules: all of them are in this one
// program.
//
// Usage:
//
//	tracing-modules ARGS_FILE
//	tracing-modules - < ARGS
//
// The arguments are one JSON object as Ansible hands it to a binary module. The
// module is picked by the last part of its key _ansible_module_name, else by
// the name of the program without "AnsiballZ_". The result is one line of JSON
// on standard output; progress goes to standard error. The exit status is 1
// when the result has failed.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "github.com/picluster/tracing/modules/internal/firstgc" // a start is a quarter cheaper
)

func main() {
	if !answered() {
		os.Exit(1)
	}
}

func answered() bool {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := program{in: os.Stdin, out: os.Stdout, log: os.Stderr, env: os.LookupEnv}
	return program.run(ctx, os.Args)
}
