// SPDX-License-Identifier: AGPL-3.0-or-later

// Package command implements the stand-in's command line.
package command

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/app"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// versionFlag is the stand-in's own.
const versionFlag = "-stand-in.version="

// Run does what the arguments say and returns Tempo's exit status.
func Run(args []string) int {
	version := cmp.Or(os.Getenv("TEMPO_STAND_IN_VERSION"), edition.Oldest)
	if len(args) > 0 && strings.HasPrefix(args[0], versionFlag) {
		version, args = strings.TrimPrefix(args[0], versionFlag), args[1:]
	}
	e, err := edition.Parse(version)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if len(args) > 0 && (args[0] == "-version" || args[0] == "--version") {
		fmt.Printf("tempo, version %s (branch: HEAD, revision: stand-in)\n", e.Version)
		return 0
	}
	c, err := config.Load(e, args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "failed parsing config: %v\n", err)
		return 1
	}
	logTo(c.Server.LogLevel)
	if warnings := c.Warnings(); len(warnings) > 0 {
		slog.Warn("-- CONFIGURATION WARNINGS --")
		for _, words := range warnings {
			slog.Warn(words)
		}
		if c.Verify {
			return 1
		}
	}
	if c.Verify {
		return 0
	}
	return serve(c)
}

func serve(c config.Config) int {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	slog.Info("Starting Tempo", "version", "(version="+c.Edition.Version+", branch=HEAD, revision=stand-in)", "target", c.Target)
	tempo, err := app.New(ctx, c)
	if err == nil {
		err = tempo.Run(ctx)
	}
	if err != nil {
		slog.Error("error running Tempo", "err", err)
		return 1
	}
	return 0
}

// logTo writes lines as Tempo does: ts, level, msg and further fields.
func logTo(level string) {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level))
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: least, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey:
			a.Key = "ts"
		case slog.LevelKey:
			a.Value = slog.StringValue(strings.ToLower(a.Value.String()))
		}
		return a
	}})))
}
