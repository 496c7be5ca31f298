// SPDX-License-Identifier: AGPL-3.0-or-later

// Package multicall provides the main function of a program whose first argument
// selects what it does.
package multicall

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// Part runs until its work is done or the context ends.
type Part func(ctx context.Context, args []string) error

// Run runs the part that argv[1] names until it ends or the program is asked to stop, and returns the exit status: 0, 1 for a
// part that failed, 2 for an unknown name.
func Run(program string, parts map[string]Part, argv []string) int {
	if len(argv) < 2 || parts[argv[1]] == nil {
		fmt.Fprintf(os.Stderr, "usage: %s %s [flags]\n", program, strings.Join(slices.Sorted(maps.Keys(parts)), "|"))
		return 2
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	if err := parts[argv[1]](ctx, argv[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", argv[1], err)
		return 1
	}
	return 0
}
