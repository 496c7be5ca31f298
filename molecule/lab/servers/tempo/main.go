// SPDX-License-Identifier: AGPL-3.0-or-later

// Package main is Grafana Tempo 1.5.0 for the lab, as one program of all its parts or as the part that -target names.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/grafana/dskit/flagext"
	"github.com/prometheus/common/version"
	"gopkg.in/yaml.v2"

	"github.com/grafana/tempo/cmd/tempo/app"
	"github.com/grafana/tempo/pkg/util/log"
)

// configFlag is the one flag that is read before all others: they overlay what its file says.
const configFlag = "config.file"

func main() {
	version.Version = "1.5.0"
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tempo:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	config, err := load(args)
	if err != nil {
		return err
	}
	log.InitLogger(&config.Server)
	tempo, err := app.New(*config)
	if err != nil {
		return fmt.Errorf("prepare Tempo: %w", err)
	}
	return tempo.Run()
}

// load reads the file, strictly as Tempo does, and lays the flags over it.
func load(args []string) (*app.Config, error) {
	config, flags := &app.Config{}, flag.NewFlagSet("tempo", flag.ContinueOnError)
	config.RegisterFlagsAndApplyDefaults("", flags)
	if path := fileOf(args); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalStrict(data, config); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
	flagext.IgnoredFlag(flags, configFlag, "file with the configuration")
	// The charts ask for a ballast. It only makes the garbage collector run less often.
	flagext.IgnoredFlag(flags, "mem-ballast-size-mbs", "size of memory that is never used")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if config.Target == app.SingleBinary {
		alone(config)
	}
	return config, nil
}

// fileOf finds the file's path among the flags, of which it knows no other.
func fileOf(args []string) string {
	var path string
	for len(args) > 0 && path == "" {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		flags.StringVar(&path, configFlag, "", "")
		_ = flags.Parse(args) // unknown flags are passed over one by one
		args = args[1:]
	}
	return path
}

// alone is what a Tempo of one process needs: rings of itself.
func alone(config *app.Config) {
	ring := &config.Ingester.LifecyclerConfig
	ring.RingConfig.KVStore.Store, ring.RingConfig.ReplicationFactor, ring.Addr = "inmemory", 1, "127.0.0.1"
	config.Generator.Ring.KVStore.Store, config.Generator.Ring.InstanceAddr = "inmemory", "127.0.0.1"
}
