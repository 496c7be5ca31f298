// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"io/fs"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/files"
)

// readable refuses kubeconfigs that client-go would read without an end. Those
// that are not there are client-go's to judge.
func readable(rules *clientcmd.ClientConfigLoadingRules) error {
	for _, path := range rules.GetLoadingPrecedence() {
		if err := check(path, files.Manifests); err != nil {
			return fault.As(fault.KindOf(err), hint, "read kubeconfig", err)
		}
	}
	return nil
}

// regular refuses such files among those that a kubeconfig or the task names.
func regular(config *rest.Config) error {
	for _, file := range []struct{ what, path string }{
		{"ca_cert", config.CAFile}, {"client_cert", config.CertFile}, {"client_key", config.KeyFile}, {"the token file", config.BearerTokenFile},
	} {
		if err := check(file.path, files.Certificates); err != nil {
			return fault.Doing("read "+file.what+" of the Kubernetes API", err)
		}
	}
	return nil
}

func check(path string, largest int64) error {
	if path == "" {
		return nil
	}
	err := files.Check(path, largest)
	if system := (*fs.PathError)(nil); errors.As(err, &system) {
		return nil
	}
	return err
}
