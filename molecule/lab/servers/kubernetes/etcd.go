// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
)

// etcdOptions says where an etcd keeps its data and listens; a lab has exactly one, so it is a cluster of one member.
type etcdOptions struct {
	dir    string
	client string
	peer   string
	tls    transport.TLSInfo
}

func newEtcdCommand() *cobra.Command {
	var options etcdOptions
	command := &cobra.Command{
		Use:   "etcd",
		Short: "Store of the API server",
		Args:  cobra.NoArgs,
		RunE:  func(command *cobra.Command, _ []string) error { return runEtcd(command, options) },
	}
	flags := command.Flags()
	flags.StringVar(&options.dir, "data-dir", "", "folder of the data")
	flags.StringVar(&options.client, "client-url", "", "address for the API server, such as https://127.0.0.1:2379")
	flags.StringVar(&options.peer, "peer-url", "", "address for other members, such as https://127.0.0.1:2380")
	flags.StringVar(&options.tls.CertFile, "cert-file", "", "certificate of this server")
	flags.StringVar(&options.tls.KeyFile, "key-file", "", "key of this server")
	flags.StringVar(&options.tls.TrustedCAFile, "ca-file", "", "authority that clients' certificates must come from")
	flags.VisitAll(func(flag *pflag.Flag) { cobra.CheckErr(command.MarkFlagRequired(flag.Name)) })
	return command
}

func runEtcd(command *cobra.Command, options etcdOptions) error {
	config, err := etcdConfig(options)
	if err != nil {
		return err
	}
	stop, release := signal.NotifyContext(command.Context(), os.Interrupt, syscall.SIGTERM)
	defer release()
	server, err := embed.StartEtcd(config)
	if err != nil {
		return fmt.Errorf("start etcd in %s: %w", options.dir, err)
	}
	defer server.Close()
	select {
	case <-stop.Done():
		return nil
	case <-server.Server.StopNotify():
		return fmt.Errorf("etcd in %s stopped by itself", options.dir)
	case err := <-server.Err():
		return fmt.Errorf("serve etcd in %s: %w", options.dir, err)
	}
}

func etcdConfig(options etcdOptions) (*embed.Config, error) {
	client, err := url.Parse(options.client)
	if err != nil {
		return nil, fmt.Errorf("read option client-url: %w", err)
	}
	peer, err := url.Parse(options.peer)
	if err != nil {
		return nil, fmt.Errorf("read option peer-url: %w", err)
	}
	config := embed.NewConfig()
	config.Name = "lab"
	config.Dir = options.dir
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	// Whoever can write to etcd owns the cluster, so other users of this machine are kept out by certificates.
	options.tls.ClientCertAuth = true
	config.ClientTLSInfo, config.PeerTLSInfo = options.tls, options.tls
	config.LogLevel = "warn"
	// NewConfig leaves it at 0, and etcd then warns of every single request (etcd v3.6.4, server/embed/config.go).
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	// The lab's data may be lost with the machine; an fsync on every write doubles the time of a start.
	config.UnsafeNoFsync = true
	return config, nil
}
