// SPDX-License-Identifier: AGPL-3.0-or-later

package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// hierarchy is one mounted cgroup hierarchy.
type hierarchy struct {
	path    string
	unified bool
}

// hierarchies lists what is mounted: one for each controller in version 1, a single one in version 2.
func hierarchies() ([]hierarchy, error) {
	raw, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil, fmt.Errorf("list the control groups: %w", err)
	}
	return parseMounts(string(raw)), nil
}

// parseMounts finds the control groups among lines of device, path, kind and options (fstab(5)).
func parseMounts(text string) (found []hierarchy) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) > 2 && (fields[2] == "cgroup" || fields[2] == "cgroup2") {
			found = append(found, hierarchy{path: fields[1], unified: fields[2] == "cgroup2"})
		}
	}
	return found
}

// makeGroups makes the group below which the kubelet puts all pods, in each hierarchy.
func makeGroups(name string) error {
	trees, err := hierarchies()
	if err != nil {
		return err
	}
	for _, tree := range trees {
		if err := makeGroup(tree, name); err != nil {
			return err
		}
	}
	return nil
}

func makeGroup(tree hierarchy, name string) error {
	group := filepath.Join(tree.path, name)
	if err := os.MkdirAll(group, 0o755); err != nil {
		return fmt.Errorf("make the control group %s: %w", group, err)
	}
	if err := tree.prepare(group); err != nil {
		return fmt.Errorf("prepare the control group %s: %w", group, err)
	}
	return nil
}

// prepare sets in a new group what it does not inherit.
func (h hierarchy) prepare(group string) error {
	if h.unified {
		return delegate(h.path, group)
	}
	for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(h.path, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(group, name), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// controllers are those that the kubelet requires at its root, as far as the machine has them (getSupportedUnifiedControllers in
// pkg/kubelet/cm/cgroup_v2_manager_linux.go of Kubernetes 1.34).
var controllers = []string{"cpu", "cpuset", "memory", "hugetlb", "pids"}

// delegate enables the kubelet's controllers below both. Where version 1 has them all, version 2 has none to enable.
func delegate(parent, group string) error {
	raw, err := os.ReadFile(filepath.Join(parent, "cgroup.controllers"))
	if err != nil {
		return err
	}
	var words []string
	for _, controller := range strings.Fields(string(raw)) {
		if slices.Contains(controllers, controller) {
			words = append(words, "+"+controller)
		}
	}
	for _, dir := range []string{parent, group} {
		err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(strings.Join(words, " ")), 0o644)
		if errors.Is(err, syscall.EBUSY) {
			return fmt.Errorf("%w: version 2 lets a group have either processes or controllers for groups beneath it, and %s has processes, "+
				"as the first group of a container has: move them into a group beneath it", err, dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
