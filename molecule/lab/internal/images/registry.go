// SPDX-License-Identifier: AGPL-3.0-or-later

package images

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Registry serves images by their names without the registry, as a mirror of all registries does. It keeps them in a folder,
// and answers /ready once Fill is done.
type Registry struct {
	handler http.Handler
	filled  atomic.Bool
}

// NewRegistry makes an empty registry.
func NewRegistry(folder string) *Registry {
	quiet := log.New(io.Discard, "", 0)
	return &Registry{handler: registry.New(registry.Logger(quiet), registry.WithBlobHandler(registry.NewDiskBlobHandler(folder)))}
}

// ServeHTTP serves a registry's clients.
func (r *Registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.URL.Path == "/ready" {
		if !r.filled.Load() {
			http.Error(w, "images are missing", http.StatusServiceUnavailable)
		}
		return
	}
	r.handler.ServeHTTP(w, request)
}

// Fill pushes the images of a file to the registry's own address, HOST:PORT.
func (r *Registry) Fill(ctx context.Context, address, file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read which images there are: %w", err)
	}
	var list []Image
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("read which images there are from %s: %w", file, err)
	}
	for _, image := range list {
		if err := push(ctx, address, image); err != nil {
			return fmt.Errorf("push the image %s: %w", image.Name, err)
		}
	}
	r.filled.Store(true)
	return nil
}

func push(ctx context.Context, address string, image Image) error {
	all, err := build(image)
	if err != nil {
		return err
	}
	for called, made := range all {
		_, path, _ := strings.Cut(called.String(), "/")
		tag, err := name.NewTag(address+"/"+path, name.Insecure)
		if err != nil {
			return err
		}
		if err := remote.Write(tag, made, remote.WithContext(ctx)); err != nil {
			return err
		}
	}
	return nil
}
