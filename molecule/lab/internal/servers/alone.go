// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"path/filepath"

	"github.com/picluster/tracing/molecule/lab/internal/parts"
	"github.com/picluster/tracing/molecule/lab/internal/process"
)

// Logins of the servers that have their own users.
const (
	MinioUser   = "labroot"
	GrafanaUser = "admin"
)

func (l Lab) minio() Server {
	url := "http://" + l.address("minio")
	return Server{
		Spec: process.Spec{
			Name: "minio",
			Args: []string{"server", "--address", l.address("minio"), "--quiet", l.Folder.Data("minio")},
			Env: []string{
				"MINIO_ROOT_USER=" + MinioUser, "MINIO_ROOT_PASSWORD=" + l.Passwords.Minio,
				"MINIO_BROWSER=off", // no second port with a web page
				"MINIO_UPDATE=off",  // it would check for updates on the internet
			},
		},
		Stage: Alone, URL: url, Probe: l.answers(url + "/minio/health/ready"), program: programMinio,
	}
}

func (l Lab) charts() Server {
	url := "http://" + l.address("charts")
	args := []string{"charts", "--listen", l.address("charts"), "--dir", l.Folder.Data("charts")}
	var files []string
	for _, own := range l.Parts.Own(parts.Charts) {
		args = append(args, "--own", own.Path)
		files, _ = filepath.Glob(filepath.Join(own.Path, "*.tgz")) // the pattern is well-formed
	}
	return Server{
		Spec:  process.Spec{Name: "charts", Args: args},
		Stage: Extras, URL: url, Probe: l.answers(url + "/index.yaml"), program: programServices, files: files,
	}
}

func (l Lab) etcd() Server {
	url := "https://" + l.address("etcd")
	return Server{
		Spec: process.Spec{
			Name: "etcd",
			Args: []string{
				"etcd", "--data-dir", l.Folder.Data("etcd"), "--client-url", url, "--peer-url", "https://" + l.address("etcd-peer"),
				"--cert-file", l.Certificates.Certificate(server), "--key-file", l.Certificates.Key(server),
				"--ca-file", l.Certificates.Certificate("ca"),
			},
		},
		Stage: Alone, URL: url, Probe: l.answers(url + "/health"), program: programKubernetes,
		files: []string{l.Certificates.Certificate(server), l.Certificates.Certificate("ca")},
	}
}
