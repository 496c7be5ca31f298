// SPDX-License-Identifier: AGPL-3.0-or-later

// Package passwords creates the lab's passwords once and keeps them in its state
// folder.
package passwords

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// Passwords of the servers that people log in to.
type Passwords struct {
	Minio   string `json:"minio"`
	Grafana string `json:"grafana"`
}

// Ensure reads the passwords and creates missing ones.
func Ensure(path string) (Passwords, error) {
	have, err := read(path)
	if err != nil {
		return Passwords{}, err
	}
	want := have
	if want.Minio == "" {
		want.Minio = rand.Text()
	}
	if want.Grafana == "" {
		want.Grafana = rand.Text()
	}
	if want == have {
		return have, nil
	}
	raw, err := json.Marshal(want)
	if err != nil {
		return Passwords{}, errors.New("write the lab's passwords: they cannot be encoded")
	}
	return want, folder.WriteFile(path, raw, 0o600)
}

func read(path string) (Passwords, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Passwords{}, nil
	}
	if err != nil {
		return Passwords{}, fmt.Errorf("read the lab's passwords: %w", err)
	}
	var have Passwords
	if json.Unmarshal(raw, &have) != nil {
		return Passwords{}, fmt.Errorf("read the lab's passwords: %s is damaged; run lab down --purge and begin anew", path)
	}
	return have, nil
}
