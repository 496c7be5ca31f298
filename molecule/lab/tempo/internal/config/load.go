// SPDX-License-Identifier: AGPL-3.0-or-later

package config

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/edition"
)

// overlay are the flags that override Tempo's file, those that charts and people use.
type overlay struct {
	file           string
	expand, verify bool
	size           int
	join           string
}

// Load reads flags and the file that they name. Errors begin as Tempo's do; a flag that no edition has ends the process, as in
// Tempo.
func Load(e edition.Edition, args []string) (Config, error) {
	given := fileFlags(args)
	config := Defaults(e)
	if given.file != "" {
		if err := config.file(given); err != nil {
			return config, err
		}
	}
	flags := flag.NewFlagSet("tempo", flag.ExitOnError)
	config.flags(flags, &given)
	if err := flags.Parse(args); err != nil {
		return config, err
	}
	config.Verify = given.verify && e.From(2, 1)
	if given.join != "" {
		config.Gossip.Join = []any{given.join}
	}
	if config.single() {
		config.Ingester.Lifecycler.Ring.Replication = 1
	}
	return config, nil
}

// fileFlags finds the flags that say which file is read, among flags that it does not know.
func fileFlags(args []string) overlay {
	var given overlay
	for ; len(args) > 0; args = args[1:] {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		given.register(flags)
		_ = flags.Parse(args) // an unknown flag ends the parsing; the next round starts after it
	}
	return given
}

func (o *overlay) register(flags *flag.FlagSet) {
	flags.StringVar(&o.file, "config.file", o.file, "Configuration file to load")
	flags.BoolVar(&o.expand, "config.expand-env", o.expand, "Whether to expand environment variables in config file")
	flags.BoolVar(&o.verify, "config.verify", o.verify, "Verify configuration and exit")
}

// flags override the file.
func (c *Config) flags(flags *flag.FlagSet, given *overlay) {
	for _, name := range []string{"config.file", "config.expand-env", "config.verify"} { // read before; each has a value here
		flags.Func(name, "", func(string) error { return nil })
	}
	flags.StringVar(&c.Target, "target", c.Target, "target module")
	flags.BoolVar(&c.Tenants, "multitenancy.enabled", c.Tenants, "Set to true to enable multitenancy.")
	flags.BoolVar(&c.Auth, "auth.enabled", c.Auth, "Set to true to enable auth (deprecated: use multitenancy.enabled)")
	flags.StringVar(&c.Prefix, "http-api-prefix", c.Prefix, "String prefix for all http api endpoints.")
	flags.IntVar(&c.Server.HTTPPort, "server.http-listen-port", c.Server.HTTPPort, "HTTP server listen port.")
	flags.IntVar(&c.Server.GRPCPort, "server.grpc-listen-port", c.Server.GRPCPort, "gRPC server listen port.")
	flags.StringVar(&c.Server.LogLevel, "log.level", c.Server.LogLevel, "Only log messages with the given severity or above.")
	flags.StringVar(&c.Storage.Trace.Backend, "storage.trace.backend", c.Storage.Trace.Backend, "Trace backend (s3, azure, gcs, local)")
	flags.StringVar(&c.Storage.Trace.Local.Path, "storage.trace.local.path", c.Storage.Trace.Local.Path, "path to store traces at.")
	flags.StringVar(&c.Storage.Trace.WAL.Path, "storage.trace.wal.path", c.Storage.Trace.WAL.Path, "Path at which store WAL blocks.")
	flags.IntVar(&c.Gossip.BindPort, "memberlist.bind-port", c.Gossip.BindPort, "Port for memberlist to communicate on")
	flags.StringVar(&given.join, "memberlist.host-port", "", "Host port to connect to memberlist cluster.")
	flags.IntVar(&given.size, "mem-ballast-size-mbs", 0, "Size of memory ballast to allocate in MBs.")
	if c.Edition.Before(2, 0) {
		flags.BoolVar(&c.Search, "search.enabled", c.Search, "Set to true to enable search (unstable).")
	}
	if c.Edition.From(3, 0) {
		flags.BoolVar(&c.Overrides.Legacy, "config.enable-legacy-overrides", c.Overrides.Legacy, "Enable the deprecated legacy overrides format.")
	}
}

// single says whether the process is all of Tempo.
func (c *Config) single() bool { return c.Target == "all" || c.Target == "scalable-single-binary" }

// file reads the file, strictly.
func (c *Config) file(given overlay) error {
	text, err := os.ReadFile(given.file)
	if err != nil {
		return fmt.Errorf("failed to read configFile %s: %w", given.file, err)
	}
	if given.expand {
		text = expand(text)
	}
	if err := c.parse(text); err != nil {
		return fmt.Errorf("failed to parse configFile %s: %w", given.file, err)
	}
	return nil
}

func (c *Config) parse(text []byte) error {
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		return err
	}
	if err := check(&file, c.Edition); err != nil {
		return err
	}
	if len(file.Content) == 0 {
		return nil
	}
	c.FlatOverrides = c.Edition.From(2, 3) && hasFlat(file.Content[0], c.Edition)
	plain(&file)
	if err := file.Decode(&c.Written); err != nil {
		return err
	}
	return file.Decode(c)
}

func hasFlat(file *yaml.Node, e edition.Edition) bool {
	for i := 0; i+1 < len(file.Content); i += 2 {
		if file.Content[i].Value == "overrides" && file.Content[i+1].Kind == yaml.MappingNode {
			return flat(file.Content[i+1], e)
		}
	}
	return false
}

// plain rewrites times in Prometheus' units, days and longer, in Go's.
func plain(node *yaml.Node) {
	for i := 0; i < len(node.Content); i++ {
		child := node.Content[i]
		if node.Kind == yaml.MappingNode && i%2 == 1 && child.Kind == yaml.ScalarNode && strings.ContainsAny(child.Value, "dwy") {
			if length, err := Span(child.Value); err == nil {
				child.Value = length.String()
			}
		}
		plain(child)
	}
}

// variable is ${NAME}, with a default for one that is not set: ${NAME:-default}.
var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}]*))?\}`)

// expand expands environment variables in a file.
func expand(text []byte) []byte {
	return variable.ReplaceAllFunc(text, func(found []byte) []byte {
		parts := variable.FindSubmatch(found)
		if value := os.Getenv(string(parts[1])); value != "" {
			return []byte(value)
		}
		return parts[2]
	})
}
