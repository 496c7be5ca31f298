// SPDX-License-Identifier: AGPL-3.0-or-later

package parts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
)

// Save records what a lab was started with.
func (l List) Save(path string) error {
	raw, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("note down the lab's parts: %w", err)
	}
	return folder.WriteFile(path, append(raw, '\n'), 0o600)
}

// Load reads what Save wrote; a lab that was never started has none.
func Load(path string) (List, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lab's parts: %w", err)
	}
	var list List
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("read the lab's parts from %s: %w", path, err)
	}
	return list, nil
}

// Print prints a line for each part.
func (l List) Print(to io.Writer) error {
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, part := range l {
		line := fmt.Sprintf("%s\t%s", part.Name, part.Version)
		fmt.Fprintf(out, "%s\t%s\n", line, part.From)
	}
	return out.Flush()
}
