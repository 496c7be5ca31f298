// SPDX-License-Identifier: AGPL-3.0-or-later

// Package stack starts a lab, stops it, and reports its status.
package stack

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/kube"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/passwords"
	"github.com/picluster/tracing/molecule/lab/internal/ports"
	"github.com/picluster/tracing/molecule/lab/internal/process"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// Stack is one lab and where it reports to.
type Stack struct {
	Folder folder.Folder
	// Out gets a line for each event.
	Out io.Writer
	// TraefikChart is the version of the chart that Traefik is installed from; empty is the lab's own choice.
	TraefikChart string
	// Parts says where each part comes from; each start records it.
	Parts parts.List
	// Source says whether real images and charts are downloaded; each start sets it.
	Source parts.Images
	// Pods is whether one node is real. The first start decides it; later starts and all other commands read it.
	Pods bool
	// APIOnly is whether there are only etcd and the API server, for tests that need no more and should not wait. Like Pods
	// it is decided once.
	APIOnly bool
}

// limit is how long a server may take until it answers. The API server needs 3 s on a quiet machine, and a node with pods
// more than 90 s on one that builds and tests beside it.
const limit = 5 * time.Minute

func (s Stack) say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

func (s Stack) table() process.Table { return process.Table{Dir: s.Folder.Pids()} }

// commands has this command, under the name up, and build for the commands that it waits for.
func (s Stack) commands() process.Table { return process.Table{Dir: s.Folder.Commands()} }

// Up builds, starts and waits until everything answers. What already runs, from the same program and with the same
// arguments, is left as it is.
func (s Stack) Up(ctx context.Context) error {
	began := time.Now()
	if err := s.Folder.Make(); err != nil {
		return err
	}
	release, err := s.Folder.Lock()
	if err != nil {
		return err
	}
	defer release()
	forget, err := s.commands().Note("up")
	if err != nil {
		return fmt.Errorf("record that this command is running: %w", err)
	}
	defer forget()
	if err := s.choose(); err != nil {
		return err
	}
	if err := s.fit(); err != nil {
		return err
	}
	if err := s.online(ctx, internetLimit); err != nil {
		return err
	}
	if err := s.fetchGrafana(ctx, grafanaImage); err != nil {
		return err
	}
	programs, err := s.build(ctx)
	if err != nil {
		return err
	}
	lab, err := s.prepare(ctx, programs)
	if err != nil {
		return err
	}
	if err := s.run(ctx, lab); err != nil {
		return err
	}
	s.say("the lab is up after %s; its addresses are in %s", time.Since(began).Round(time.Millisecond), s.Folder.Env())
	return nil
}

func (s Stack) run(ctx context.Context, lab servers.Lab) error {
	all, err := lab.All()
	if err != nil {
		return err
	}
	if err := s.stopUnknown(ctx, all); err != nil {
		return err
	}
	for stage := servers.Alone; stage <= servers.Workers; stage++ {
		if err := s.startStage(ctx, all, stage); err != nil {
			return err
		}
	}
	if s.APIOnly {
		return s.writeEnv(lab)
	}
	return s.furnishAll(ctx, lab, all)
}

// furnishAll turns the running servers into a cluster as k3s sets it up.
func (s Stack) furnishAll(ctx context.Context, lab servers.Lab, all []servers.Server) error {
	client, err := kube.New(lab.Login("admin"))
	if err != nil {
		return err
	}
	if err := s.furnish(ctx, lab, client); err != nil {
		return err
	}
	if err := s.writeEnv(lab); err != nil {
		return err
	}
	if err := s.startStage(ctx, all, servers.Extras); err != nil {
		return err
	}
	return s.installTraefik(ctx, lab, client)
}

// lab is what is known of it before anything is created.
func (s Stack) lab() servers.Lab {
	return servers.Lab{Folder: s.Folder, Pods: s.Pods, APIOnly: s.APIOnly, Parts: s.Parts, Source: s.Source}
}

// prepare decides ports, makes certificates and passwords, and writes the files that servers read.
func (s Stack) prepare(ctx context.Context, programs map[string]string) (servers.Lab, error) {
	table, err := s.ports()
	if err != nil {
		return servers.Lab{}, err
	}
	secrets, err := passwords.Ensure(s.Folder.Data("passwords.json"))
	if err != nil {
		return servers.Lab{}, err
	}
	store := certificates.Store{Dir: s.Folder.Data("certificates")}
	if err := store.Ensure(time.Now(), servers.Holders()); err != nil {
		return servers.Lab{}, err
	}
	lab := s.lab()
	lab.Ports, lab.Passwords, lab.Certificates, lab.Programs = table, secrets, store, programs
	if err := s.Parts.Save(s.Folder.Data(partsFile)); err != nil {
		return servers.Lab{}, err
	}
	if err := lab.WriteFiles(); err != nil {
		return servers.Lab{}, err
	}
	return lab, s.makeImages(ctx, lab)
}

func (s Stack) ports() (ports.Table, error) {
	path := s.Folder.Data("ports.json")
	table, err := ports.Load(path)
	if err != nil {
		return nil, err
	}
	runs := func(name string) bool {
		_, runs, err := s.table().Find(servers.OwnerOf(name))
		return err == nil && runs
	}
	if err := table.Assign(servers.PortNames(), runs); err != nil {
		return nil, err
	}
	return table, table.Save(path)
}
