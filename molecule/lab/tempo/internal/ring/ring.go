// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ring lets the processes of one Tempo find each other by gossip, as the real Tempo does
// (hashicorp/memberlist).
package ring

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/memberlist"

	"github.com/picluster/tracing/molecule/lab/tempo/internal/config"
)

// Member is what a process announces about itself.
type Member struct {
	// Instance is its name: that of its pod.
	Instance string
	// Part is what it is: ingester, compactor.
	Part string
	// Port is where others talk to it.
	Port int
	// Since is when it started, in nanoseconds.
	Since int64
	// Leaving says that nothing should be sent to it any more.
	Leaving bool
	// Address is host:port, as others reach it.
	Address string `json:"-"`
}

// Ring is one process' view of all members.
type Ring struct {
	self   Member
	leaves atomic.Bool
	list   *memberlist.Memberlist
	joins  []string
	config config.Gossip
}

// gossiper announces this process to the others, and nothing else.
type gossiper struct{ *Ring }

// NodeMeta is sent to the others.
func (g gossiper) NodeMeta(int) []byte {
	member := g.self
	member.Leaving = g.leaves.Load()
	raw, _ := json.Marshal(member)
	return raw
}

// NotifyMsg gets a message, of which there are none.
func (gossiper) NotifyMsg([]byte) {}

// GetBroadcasts has no message.
func (gossiper) GetBroadcasts(int, int) [][]byte { return nil }

// LocalState has nothing besides NodeMeta.
func (gossiper) LocalState(bool) []byte { return nil }

// MergeRemoteState gets that of others.
func (gossiper) MergeRemoteState([]byte, bool) {}

// Open starts to gossip as one part of Tempo.
func Open(c config.Gossip, part string, port int) (*Ring, error) {
	instance, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	r := &Ring{self: Member{Instance: instance, Part: part, Port: port, Since: time.Now().UnixNano()}, joins: joins(c.Join), config: c}
	settings := memberlist.DefaultLANConfig()
	settings.Name = instance + "-" + uuid.NewString()[:8]
	settings.BindPort, settings.AdvertisePort = c.BindPort, c.BindPort
	if len(c.BindAddress) > 0 {
		settings.BindAddr = c.BindAddress[0]
	}
	settings.Label, settings.Delegate, settings.Logger = c.Label, gossiper{r}, log.New(io.Discard, "", 0)
	if r.list, err = memberlist.Create(settings); err != nil {
		return nil, fmt.Errorf("failed to create memberlist: %w", err)
	}
	return r, nil
}

func joins(configured any) []string {
	var all []string
	switch given := configured.(type) {
	case []any:
		for _, one := range given {
			all = append(all, fmt.Sprint(one))
		}
	case string:
		all = strings.Split(given, ",")
	}
	return all
}

// rejoin is how often a process that is alone looks for others.
const rejoin = 3 * time.Second

// Run looks for the others until the context ends. Pods come and go, so the names are resolved again and again.
func (r *Ring) Run(ctx context.Context) {
	for tick := time.NewTicker(rejoin); ctx.Err() == nil; {
		if found := r.seeds(ctx); len(found) > 0 {
			if _, err := r.list.Join(found); err != nil {
				slog.Warn("joining memberlist cluster failed", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			tick.Stop()
		case <-tick.C:
		}
	}
}

// seeds are the addresses behind the configured names.
func (r *Ring) seeds(ctx context.Context) []string {
	var all []string
	for _, name := range r.joins {
		name = strings.TrimPrefix(strings.TrimPrefix(name, "dnssrvnoa+"), "dns+")
		host, port, err := net.SplitHostPort(name)
		if err != nil {
			host, port = name, strconv.Itoa(r.config.BindPort)
		}
		found, err := net.DefaultResolver.LookupHost(ctx, host)
		if err != nil {
			slog.Warn("failed to resolve memberlist seed", "addr", name, "err", err)
		}
		for _, address := range found {
			all = append(all, net.JoinHostPort(address, port))
		}
	}
	return all
}

// Leave announces that this process leaves.
func (r *Ring) Leave() {
	r.leaves.Store(true)
	_ = r.list.UpdateNode(time.Second)
}

// Close ends the gossip.
func (r *Ring) Close() {
	_ = r.list.Leave(time.Second)
	_ = r.list.Shutdown()
}

// Of are the living members of a part, the newest of each instance, ordered by name.
func (r *Ring) Of(part string) []Member {
	newest := map[string]Member{}
	for _, node := range r.list.Members() {
		var member Member
		if json.Unmarshal(node.Meta, &member) != nil || member.Part != part || member.Leaving {
			continue
		}
		member.Address = net.JoinHostPort(node.Addr.String(), strconv.Itoa(member.Port))
		if member.Since > newest[member.Instance].Since {
			newest[member.Instance] = member
		}
	}
	var all []Member
	for _, member := range newest {
		all = append(all, member)
	}
	slices.SortFunc(all, func(a, b Member) int { return cmp.Compare(a.Instance, b.Instance) })
	return all
}

// First says whether this process is the first of its part: the one that does what only one may do.
func (r *Ring) First() bool {
	all := r.Of(r.self.Part)
	return len(all) == 0 || all[0].Instance == r.self.Instance
}

// Text is what the page /memberlist shows.
func (r *Ring) Text() string {
	var out strings.Builder
	for _, node := range r.list.Members() {
		fmt.Fprintf(&out, "%s %s %s\n", node.Name, node.Address(), node.Meta)
	}
	return out.String()
}
