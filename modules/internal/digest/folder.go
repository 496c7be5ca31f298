// SPDX-License-Identifier: AGPL-3.0-or-later

package digest

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
)

// Folder keeps the digests for the objects of one server on this host: a file
// for each object, so that parallel tasks need no lock, and readable only by the
// user who runs the task (folder 0700, files 0600).
type Folder struct {
	// Path is the folder's; it is created when the first digest is kept.
	Path string
	// Server identifies the server, such as "https://monitoring.example.com".
	Server string
}

// Page is what is kept for one thing.
type Page struct {
	Server string `json:"server"`
	// Thing is the thing's name at the server.
	Thing string `json:"thing"`
	// Digests are the secrets' names with their digests.
	Digests map[string]string `json:"digests"`
	// ID and Version are the server's at the time of writing. A thing with
	// another number, or with a lower version, is not the one that the secrets
	// were written to: it was recreated, or the server's backup was restored.
	ID      int64 `json:"id"`
	Version int64 `json:"version"`
}

// largest is the size in bytes beyond which a file cannot be ours.
const largest = 1 << 20

// Recall returns the digests that hold for a thing with this number and
// version, nil for none. A file that cannot be parsed counts as none.
func (f Folder) Recall(thing string, id, version int64) (map[string]string, error) {
	data, err := file.ReadOwn(f.file(thing), largest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Denied, hint, "read the digests of "+thing, err)
	}
	var page Page
	if json.Unmarshal(data, &page) != nil || page.ID != id || page.Version > version {
		return nil, nil
	}
	return page.Digests, nil
}

// Ready makes the folder, so that what cannot be kept is known before a secret
// is written.
func (f Folder) Ready() error {
	if err := file.MakeFolder(f.Path); err != nil {
		return fault.Wrap(fault.Denied, hint, "make the folder for digests", err)
	}
	return nil
}

// Keep writes the digests of a thing, replacing the existing ones.
func (f Folder) Keep(page Page) error {
	page.Server = f.Server
	data, err := json.MarshalIndent(page, "", "  ")
	if err == nil {
		err = file.Write(f.file(page.Thing), append(data, '\n'), 0o600)
	}
	if err != nil {
		return fault.Wrap(fault.Denied, hint, "keep the digests of "+page.Thing, err)
	}
	return nil
}

// Forget removes what is kept of a thing; it may be absent.
func (f Folder) Forget(thing string) error {
	if err := file.Remove(f.file(thing)); err != nil {
		return fault.Wrap(fault.Denied, hint, "forget the digests of "+thing, err)
	}
	return nil
}

const hint = "name a folder that this user may read and write, on this host and not on a shared one"

// file is named by a sum, since the names of servers and things may hold
// anything; both stand within.
func (f Folder) file(thing string) string {
	sum := sha256.Sum256([]byte(f.Server + "\n" + thing))
	return filepath.Join(f.Path, fmt.Sprintf("%x.json", sum[:12]))
}
