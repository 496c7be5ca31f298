// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/picluster/tracing/molecule/lab/internal/certificates"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/ports"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// Status prints a line for each server and says whether all of them run and answer.
func (s Stack) Status(ctx context.Context) (allUp bool, err error) {
	table, err := ports.Load(s.Folder.Data("ports.json"))
	if err != nil {
		return false, err
	}
	if err := s.recall(); err != nil {
		return false, err
	}
	if s.Parts, err = parts.Load(s.Folder.Data(partsFile)); err != nil {
		return false, err
	}
	s.Source = s.Parts.Images()
	lab := s.lab()
	lab.Ports, lab.Certificates = table, certificates.Store{Dir: s.Folder.Data("certificates")}
	out := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	allUp = true
	for _, server := range lab.Known() {
		line, up := s.state(ctx, server)
		fmt.Fprintf(out, "%s\t%s\n", server.Name, line)
		allUp = allUp && up
	}
	if err := out.Flush(); err != nil {
		return false, err
	}
	if s.APIOnly || s.Parts == nil {
		return allUp, nil
	}
	s.say("")
	return allUp, s.Parts.In(s.Pods).Print(s.Out) // as the lab was started
}

func (s Stack) state(ctx context.Context, server servers.Server) (line string, up bool) {
	running, runs, err := s.table().Find(server.Name)
	if err != nil {
		return err.Error(), false
	}
	if !runs {
		return "stopped", false
	}
	if server.Probe == nil {
		return fmt.Sprintf("runs\tprocess %d", running.Pid), true
	}
	if err := server.Probe(ctx); err != nil {
		return fmt.Sprintf("does not answer\tprocess %d\t%v", running.Pid, err), false
	}
	return fmt.Sprintf("answers\tprocess %d\t%s", running.Pid, server.URL), true
}
