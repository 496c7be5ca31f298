// SPDX-License-Identifier: AGPL-3.0-or-later

// Lab starts and stops real servers on this machine for demonstrations and tests of the collection.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
	"github.com/picluster/tracing/molecule/lab/internal/stack"
)

const usage = `usage: lab COMMAND

  up [--pods|--api]  build what is missing, start what does not run, wait until everything answers;
                  with --pods one node is real and its pods run: as root on Linux with containerd, in a state folder of its own;
                  with --api there is nothing but etcd and the API server, also in a state folder of its own
  down [--purge]  stop what up started; with --purge remove all data too
  status          a line for each server; exit code 1 unless all of them answer
  stop SERVER     end one server; up starts it again
  parts           where each part would come from, as the variables below say; nothing is started
  env             print addresses and logins as KEY=value
  can-run-pods    say what up --pods lacks on this machine; exit code 1 when it lacks something

LAB_DIR            state folder (default: .lab in the checkout)
LAB_TRAEFIK_CHART  version of the Traefik chart (default: ` + servers.TraefikChart + `, with --pods ` + servers.PodTraefikChart + `)
IMAGES             with up --pods: real, for the images that the charts name and the charts from where they are, with the internet
LAB_TEMPO, LAB_LOKI, LAB_TRAEFIK, LAB_MEMCACHED, LAB_COREDNS, LAB_MINIO, LAB_PROMETHEUS, LAB_OTELCOL
                   with up: a program of yours in the place of the lab's; of Tempo also several, VERSION=PATH,VERSION=PATH
LAB_GRAFANA        with up: home folder of a Grafana of yours
LAB_CHARTS         with up: folder of packaged charts of yours
LAB_S3             a program weed of yours, or http://KEY:SECRET@HOST:PORT of a store that runs, for make stores
`

// Exit codes, as shells know them.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// errInterrupted is why the context ends when somebody presses Ctrl-C.
var errInterrupted = errors.New("interrupted; what was started runs on: lab up goes on from here, lab down stops it")

// errNotUp is the error of status when a server is missing; the lines above it say which.
var errNotUp = errors.New("not everything is up")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, log io.Writer) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(errInterrupted)
	}()
	err := command(ctx, args, out)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flagError{}):
		fmt.Fprint(log, usage)
		return exitUsage
	case errors.Is(err, errInterrupted):
		fmt.Fprintln(log, "lab:", errInterrupted)
		return exitInterrupted
	}
	fmt.Fprintln(log, "lab:", err)
	return exitFailed
}

// flagError is a wrong call, which the usage text answers.
type flagError struct{}

func (flagError) Error() string { return "unknown command" }

func command(ctx context.Context, args []string, out io.Writer) error {
	place, err := locate()
	if err != nil {
		return err
	}
	lab := stack.Stack{Folder: place, Out: out, TraefikChart: os.Getenv("LAB_TRAEFIK_CHART")}
	if len(args) == 2 && args[0] == "stop" {
		return lab.Stop(ctx, args[1])
	}
	switch strings.Join(args, " ") {
	case "up":
		return up(ctx, lab)
	case "up --pods":
		lab.Pods = true
		return up(ctx, lab)
	case "up --api":
		lab.APIOnly = true
		return up(ctx, lab)
	case "down":
		return lab.Down(ctx, false)
	case "down --purge":
		return lab.Down(ctx, true)
	case "status":
		return status(ctx, lab)
	case "parts":
		return printParts(ctx, out)
	case "env":
		return lab.Env()
	case "can-run-pods":
		return servers.PodsPossible(exec.LookPath)
	}
	return flagError{}
}

// up starts a lab with the parts that the environment selects.
func up(ctx context.Context, lab stack.Stack) (err error) {
	if lab.Parts, err = parts.Resolve(ctx, os.Getenv); err != nil {
		return err
	}
	lab.Source = lab.Parts.Images()
	return lab.Up(ctx)
}

func printParts(ctx context.Context, out io.Writer) error {
	list, err := parts.Resolve(ctx, os.Getenv)
	if err != nil {
		return err
	}
	return list.Print(out)
}

func status(ctx context.Context, lab stack.Stack) error {
	allUp, err := lab.Status(ctx)
	if err == nil && !allUp {
		return errNotUp
	}
	return err
}

// locate looks for the checkout above the working folder first, then above this program.
func locate() (folder.Folder, error) {
	here, err := os.Getwd()
	if err != nil {
		return folder.Folder{}, fmt.Errorf("read the working folder: %w", err)
	}
	starts := []string{here}
	if program, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(program))
	}
	return folder.Locate(os.Getenv("LAB_DIR"), starts...)
}
