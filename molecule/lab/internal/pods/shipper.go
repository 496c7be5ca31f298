// SPDX-License-Identifier: AGPL-3.0-or-later

package pods

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// shipper sends the logs of its node's pods to Loki as they are written.
type shipper struct {
	dir, to string
	client  *http.Client
	// sent is how much of each file Loki has received.
	sent map[string]int64
}

// often is how often a shipper looks for new lines; most is how many bytes of a file it sends at once.
const (
	often = 250 * time.Millisecond
	most  = 1 << 20
)

// Shipper ships until the context ends.
func Shipper(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("shipper", flag.ContinueOnError)
	dir := flags.String("dir", "/var/log/pods", "folder of the pods' logs, as a kubelet writes them")
	to := flags.String("to", "", "URL of Loki")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ship := shipper{dir: *dir, to: *to, client: &http.Client{Timeout: 10 * time.Second}, sent: map[string]int64{}}
	for tick := time.Tick(often); ; {
		if err := ship.round(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "shipper:", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}

// round reads each file: NAMESPACE_POD_UID/CONTAINER/N.log. When Loki is unavailable, the next round sends the rest.
func (s shipper) round(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(s.dir, "*", "*", "*.log"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := s.ship(ctx, file); err != nil && !errors.Is(err, fs.ErrNotExist) { // the pod is gone
			return err
		}
	}
	return nil
}

func (s shipper) ship(ctx context.Context, path string) error {
	text, err := s.fresh(path)
	if err != nil {
		return err
	}
	lines, done := split(text)
	if len(lines) == 0 {
		return nil
	}
	if err := s.push(ctx, labels(path), lines); err != nil {
		return err
	}
	s.sent[path] += int64(done)
	return nil
}

// fresh is the part of a file that was not sent. A file that is shorter now is a new one of the same name.
func (s shipper) fresh(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < s.sent[path] {
		s.sent[path] = 0
	}
	return io.ReadAll(io.NewSectionReader(file, s.sent[path], most))
}

// labels are those of a file's stream; app is the container's name.
func labels(path string) map[string]string {
	container := filepath.Dir(path)
	namespace, pod, _ := strings.Cut(filepath.Base(filepath.Dir(container)), "_")
	pod, _, _ = strings.Cut(pod, "_")
	name := filepath.Base(container)
	return map[string]string{"app": name, "namespace": namespace, "pod": pod, "container": name}
}
