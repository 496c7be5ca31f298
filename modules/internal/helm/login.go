// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"helm.sh/helm/v3/pkg/helmpath"
	"helm.sh/helm/v3/pkg/registry"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/picluster/tracing/modules/internal/credential"
	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
	"github.com/picluster/tracing/modules/internal/secret"
)

// login is how a registry knows the task: by its own login, else by what helm registry
// login or docker login has kept. Helm would run the programs that those name without
// a limit in time, and let them write to the standard error of this process.
func (s Source) login(ctx context.Context) auth.CredentialFunc {
	return func(_ context.Context, host string) (auth.Credential, error) {
		if s.Username != "" {
			return auth.Credential{Username: s.Username, Password: s.Password.Reveal()}, nil
		}
		server := credentials.ServerAddressFromHostname(host)
		for _, path := range loginFiles() {
			if found, err := keptIn(ctx, path, server); err != nil || found != auth.EmptyCredential {
				secret.Learn(ctx, secret.NewText(found.Password), secret.NewText(found.RefreshToken), secret.NewText(found.AccessToken))
				return found, err
			}
		}
		return auth.EmptyCredential, nil
	}
}

// loginFiles are those of Helm and of Docker.
func loginFiles() []string {
	files := []string{helmpath.ConfigPath(registry.CredentialsFileBasename)}
	folder := os.Getenv("DOCKER_CONFIG")
	if home, err := os.UserHomeDir(); folder == "" && err == nil {
		folder = filepath.Join(home, ".docker")
	}
	if folder != "" {
		files = append(files, filepath.Join(folder, "config.json"))
	}
	return files
}

// checkLogins refuses files that Helm would never finish reading. One that does not
// exist, or that the user may not read, holds no login.
func checkLogins() error {
	for _, path := range loginFiles() {
		err := file.CheckRead(path, file.Certificates)
		if system := (*fs.PathError)(nil); err != nil && !errors.As(err, &system) {
			return fault.During("read the logins of registries", err)
		}
	}
	return nil
}

// keptIn looks a server up in a file, or asks the program that the file names for it.
// Its errors do not quote the file.
func keptIn(ctx context.Context, path, server string) (auth.Credential, error) {
	data, err := file.Read(path, file.Certificates)
	if err != nil {
		return auth.EmptyCredential, nil //nolint:nilerr // no file, no login
	}
	var programs struct {
		CredsStore  string            `json:"credsStore"`
		CredHelpers map[string]string `json:"credHelpers"`
	}
	if json.Unmarshal(data, &programs) != nil {
		return auth.EmptyCredential, nil // as Helm does with Docker's file
	}
	if name := cmp.Or(programs.CredHelpers[server], programs.CredsStore); name != "" {
		user, password, err := credential.FromDocker(ctx, name, server)
		if user == "<token>" { // Docker's word for a token in place of a password
			return auth.Credential{RefreshToken: password.Reveal()}, err
		}
		return auth.Credential{Username: user, Password: password.Reveal()}, err
	}
	store, err := credentials.NewFileStore(path)
	if err != nil {
		return auth.EmptyCredential, nil //nolint:nilerr // as above
	}
	found, err := store.Get(ctx, server)
	if err != nil {
		return auth.EmptyCredential, fault.New(fault.Usage, "log in to the registry again, or give chart_repo_username and chart_repo_password", "%s holds no usable login for %s", path, server)
	}
	return found, nil
}
