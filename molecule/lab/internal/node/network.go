// SPDX-License-Identifier: AGPL-3.0-or-later

package node

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// network is the node's own network as seen from the machine.
type network struct {
	namespace *os.File
	names     *net.Resolver
}

// openNetwork opens the network namespace of a running process. dns is the address of the name service there.
func openNetwork(pid int, dns string) (*network, error) {
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, fmt.Errorf("open the node's network: %w", err)
	}
	n := &network{namespace: namespace}
	n.names = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, kind, _ string) (net.Conn, error) {
		return n.connect(ctx, kind, net.JoinHostPort(dns, "53"))
	}}
	return n, nil
}

// within runs something that makes sockets: they stay in the network of the thread that made them. The thread is
// locked and never unlocked, so that it ends with this and nothing else runs on it.
func (n *network) within(do func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(n.namespace.Fd()), unix.CLONE_NEWNET); err != nil {
			result <- fmt.Errorf("enter the node's network: %w", err)
			return
		}
		result <- do()
	}()
	return <-result
}

func (n *network) connect(ctx context.Context, kind, address string) (connection net.Conn, err error) {
	err = n.within(func() error {
		connection, err = (&net.Dialer{}).DialContext(ctx, kind, address)
		return err
	})
	return connection, err
}

// dial connects from within the node's network; names are resolved in the cluster.
func (n *network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if net.ParseIP(host) == nil {
		found, err := n.names.LookupHost(ctx, host+".")
		if err != nil {
			return nil, err
		}
		host = found[0]
	}
	return n.connect(ctx, kind, net.JoinHostPort(host, port))
}

func (n *network) listen(address string) (listener net.Listener, err error) {
	err = n.within(func() error {
		listener, err = net.Listen("tcp", address)
		return err
	})
	return listener, err
}
