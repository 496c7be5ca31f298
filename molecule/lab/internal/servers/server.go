// SPDX-License-Identifier: AGPL-3.0-or-later

// Package servers describes the lab's servers: the arguments, files and start order of each, and how to tell that it is
// up.
package servers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/kube"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/passwords"
	"github.com/picluster/tracing/molecule/lab/internal/ports"
	"github.com/picluster/tracing/molecule/lab/internal/process"
)

// Server is one program of the lab.
type Server struct {
	process.Spec
	// Stage is the place in the start order; servers of one stage start together.
	Stage int
	// URL is where it answers; empty for servers that only call others.
	URL string
	// Probe returns nil once the server answers; nil for servers without an address, which are judged by what they do.
	Probe func(context.Context) error

	program string
	files   []string
}

// Stages of the start: what depends on nothing, the API server, what works on the API, and what depends on that.
const (
	Alone = iota
	API
	Workers
	Extras
)

// Lab is what the servers of one lab have in common.
type Lab struct {
	Folder       folder.Folder
	Ports        ports.Table
	Passwords    passwords.Passwords
	Certificates certificates.Store
	// Programs maps the name of a built program to the checksum of its content.
	Programs map[string]string
	// Parts says what a person brings.
	Parts parts.List
	// Source says whether real images and charts are downloaded.
	Source parts.Images
	// Pods is whether one node is real and runs pods.
	Pods bool
	// APIOnly is whether there are only etcd and the API server.
	APIOnly bool
}

// PortNames are the names of all ports that a lab needs.
func PortNames() []string {
	return []string{
		"minio", "charts", "grafana", "etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler",
		"node", "node-ingress", "registry",
	}
}

// OwnerOf is the server that a port belongs to.
func OwnerOf(portName string) string {
	return strings.TrimSuffix(strings.TrimSuffix(portName, "-peer"), "-ingress")
}

// StageOf is the stage of the server of that name; an unknown server is taken to work on the API.
func StageOf(name string) int {
	for _, server := range (Lab{Pods: true}).Known() {
		if server.Name == name {
			return server.Stage
		}
	}
	return Workers
}

// Known lists the servers in start order, without the fields that only a start needs.
func (l Lab) Known() []Server {
	if l.APIOnly {
		return []Server{l.etcd(), l.apiServer()}
	}
	list := []Server{
		l.minio(), l.grafana(), l.etcd(),
		l.apiServer(),
		l.controllerManager(), l.scheduler(), l.kwok(), l.helmController(), l.helmRunner(), l.grafanaSidecar(),
		l.charts(),
	}
	if l.loopback() {
		list = append(list, l.registry())
	}
	if l.Pods {
		list = append(list, l.node())
	}
	return list
}

// All lists the servers in start order, ready to be started.
func (l Lab) All() ([]Server, error) {
	list := l.Known()
	for i := range list {
		if err := l.seal(&list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// roomy lets a Go server trade memory for processor time: several labs run
// on two cores at once, and a fifth of the API server's time goes into garbage
// collection with Go's defaults.
var roomy = []string{"GOGC=300", "GOMEMLIMIT=768MiB"}

// seal completes the spec: the log file, and a checksum of the program and the files that are read at startup.
func (l Lab) seal(server *Server) error {
	server.Program = cmp.Or(server.Program, l.path(server.program))
	if server.program == programKubernetes || server.program == programServices {
		server.Env = append(server.Env, roomy...)
	}
	server.Log = l.Folder.Log(server.Name)
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n", l.Programs[server.program])
	for _, path := range server.files {
		raw, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read what %s needs: %w", server.Name, err)
		}
		sum.Write(raw)
	}
	server.Made = hex.EncodeToString(sum.Sum(nil))
	return nil
}

func (l Lab) address(name string) string { return ports.Address(l.Ports[name]) }

// Login is the API server login of a holder of the lab's certificates.
func (l Lab) Login(holder string) kube.Login {
	return kube.Login{
		URL:         "https://" + l.address("kube-apiserver"),
		Authority:   l.Certificates.Certificate("ca"),
		Certificate: l.Certificates.Certificate(holder),
		Key:         l.Certificates.Key(holder),
	}
}
