// SPDX-License-Identifier: AGPL-3.0-or-later

// Package sidecar implements a stand-in for Grafana's sidecar container (kiwigrid/k8s-sidecar): it
// writes provisioning files from labelled ConfigMaps and Secrets, and tells Grafana
// to reload them. It watches both, as the real one does by default (METHOD=WATCH),
// and supports neither UNIQUE_FILENAMES nor annotations for folders, scripts or
// URLs instead of content.
package sidecar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Sidecar is one such container. The fields are named after its environment variables.
type Sidecar struct {
	Client kubernetes.Interface
	// Namespace and Selector say which objects it reads: "monitoring", "grafana_datasource=1".
	Namespace, Selector string
	// Folder is where the files are written.
	Folder string
	// ReloadURL is posted to after a change, with this login.
	ReloadURL, User, Password string
	Log                       io.Writer

	files map[string][]byte
}

// retry is how long after a failure the next round begins.
const retry = time.Second

// Run works until the context ends: a round at first, one after each change, and one a second after a failure.
func (s *Sidecar) Run(ctx context.Context) error {
	changed, err := s.watch(ctx)
	if err != nil {
		return err
	}
	for {
		var again <-chan time.Time
		if err := s.Round(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintf(s.Log, "sidecar: %v\n", err)
			again = time.After(retry)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-again:
		}
	}
}

// watch returns a channel that receives after a change of the objects; changes in between count as one.
func (s *Sidecar) watch(ctx context.Context) (<-chan struct{}, error) {
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	factory := informers.NewSharedInformerFactoryWithOptions(s.Client, 0, informers.WithNamespace(s.Namespace),
		informers.WithTweakListOptions(func(options *meta.ListOptions) { options.LabelSelector = s.Selector }))
	for _, informer := range []cache.SharedIndexInformer{factory.Core().V1().ConfigMaps().Informer(), factory.Core().V1().Secrets().Informer()} {
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc: func(any) { tell() }, UpdateFunc: func(any, any) { tell() }, DeleteFunc: func(any) { tell() },
		})
		if err != nil {
			return nil, fmt.Errorf("watch the objects: %w", err)
		}
	}
	factory.Start(ctx.Done())
	return changed, nil
}

// Round brings the folder up to date once.
func (s *Sidecar) Round(ctx context.Context) error {
	wanted, err := s.wanted(ctx)
	if err != nil {
		return err
	}
	if s.files != nil && maps.EqualFunc(wanted, s.files, bytes.Equal) {
		return nil
	}
	if err := s.write(wanted); err != nil {
		return err
	}
	if err := s.reload(ctx); err != nil {
		return err
	}
	s.files = wanted
	return nil
}

// wanted are the files by name. Of two objects with the same key the later one wins, as with the real one.
func (s *Sidecar) wanted(ctx context.Context) (map[string][]byte, error) {
	options := meta.ListOptions{LabelSelector: s.Selector}
	configMaps, err := s.Client.CoreV1().ConfigMaps(s.Namespace).List(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("list ConfigMaps: %w", err)
	}
	secrets, err := s.Client.CoreV1().Secrets(s.Namespace).List(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("list Secrets: %w", err)
	}
	files := map[string][]byte{}
	for _, item := range configMaps.Items {
		for key, text := range item.Data {
			files[key] = []byte(text)
		}
	}
	for _, item := range secrets.Items {
		maps.Copy(files, item.Data)
	}
	return files, nil
}

// write removes files that are no longer wanted, also those of an earlier run, and writes the rest.
func (s *Sidecar) write(wanted map[string][]byte) error {
	if err := os.MkdirAll(s.Folder, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	entries, err := os.ReadDir(s.Folder)
	if err != nil {
		return fmt.Errorf("read the folder: %w", err)
	}
	for _, entry := range entries {
		if _, stays := wanted[entry.Name()]; stays {
			continue
		}
		if err := os.Remove(filepath.Join(s.Folder, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a file: %w", err)
		}
	}
	for name, content := range wanted {
		if err := os.WriteFile(filepath.Join(s.Folder, filepath.Base(name)), content, 0o600); err != nil {
			return fmt.Errorf("write a file: %w", err)
		}
	}
	return nil
}

func (s *Sidecar) reload(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.ReloadURL, nil)
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	request.SetBasicAuth(s.User, s.Password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("reload: Grafana answered %s", response.Status)
	}
	return nil
}
