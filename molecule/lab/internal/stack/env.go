// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/picluster/tracing/molecule/lab/internal/folder"
	"github.com/picluster/tracing/molecule/lab/internal/ports"
	"github.com/picluster/tracing/molecule/lab/internal/servers"
)

// writeEnv writes the addresses and logins for shells: KEY=value, without quotes, because no value has a blank.
func (s Stack) writeEnv(lab servers.Lab) error {
	address := func(name string) string { return ports.Address(lab.Ports[name]) }
	lines := []string{
		"KUBECONFIG=" + s.Folder.Kubeconfig(),
		"LAB_KUBE_URL=https://" + address("kube-apiserver"),
	}
	if !s.APIOnly {
		lines = append(lines,
			"LAB_MINIO_URL=http://"+address("minio"),
			"LAB_MINIO_ENDPOINT="+address("minio"),
			"LAB_MINIO_ROOT_USER="+servers.MinioUser,
			"LAB_MINIO_ROOT_PASSWORD="+lab.Passwords.Minio,
			lab.ChartsEnv(),
			"LAB_GRAFANA_URL=http://"+address("grafana"),
			"LAB_GRAFANA_USER="+servers.GrafanaUser,
			"LAB_GRAFANA_PASSWORD="+lab.Passwords.Grafana,
		)
	}
	lines = append(lines, lab.PodEnv()...)
	return folder.WriteFile(s.Folder.Env(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// Env prints the file that Up wrote.
func (s Stack) Env() error {
	raw, err := os.ReadFile(s.Folder.Env())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the lab's addresses: the lab in %s is not up; start it with lab up", s.Folder.State)
	}
	if err != nil {
		return fmt.Errorf("read the lab's addresses: %w", err)
	}
	_, err = s.Out.Write(raw)
	return err
}
