// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	api "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

// checkKubeconfig refuses what is neither a path nor a kubeconfig: otherwise
// the usual places would be searched, and another cluster changed.
func checkKubeconfig(value any) error {
	switch value.(type) {
	case string, map[string]any:
		return nil
	}
	return errors.New("must be a path, or a kubeconfig as a dictionary or as text")
}

// secretsOf are the credentials in the value of the option kubeconfig. Text that
// is not clearly a path is one as a whole.
func secretsOf(value any) []secret.Text {
	text, isText := value.(string)
	if !isText {
		return logins(value)
	}
	if option.IsPath(text) {
		if option.Shown(text) == text {
			return nil
		}
		return []secret.Text{secret.NewText(text)}
	}
	var tree any
	if yaml.Unmarshal([]byte(cmp.Or(option.Decoded(text), text)), &tree) != nil {
		return secret.Within(text)
	}
	return logins(tree)
}

// logins are the secrets in a kubeconfig, as written and base64-decoded.
func logins(tree any) []secret.Text {
	found := secret.Within(tree)
	for _, text := range slices.Clone(found) {
		if plain, err := base64.StdEncoding.DecodeString(text.Reveal()); err == nil {
			found = append(found, secret.NewText(string(plain)))
		}
	}
	return found
}

// content parses a kubeconfig given as the option's value. Its error never
// quotes it.
func (a Access) content() (*api.Config, error) {
	data := []byte(nil)
	switch v := a.Kubeconfig.(type) {
	case map[string]any:
		encoded, err := json.Marshal(v)
		if err != nil {
			return nil, fault.Wrap(fault.Usage, hint, "read kubeconfig", errors.New("the dictionary cannot be encoded"))
		}
		data = encoded
	case string:
		data = []byte(cmp.Or(option.Decoded(v), v))
	}
	config, err := clientcmd.Load(data)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, hint, "read kubeconfig", errors.New("what the option holds is not a kubeconfig"))
	}
	return config, nil
}

// hidden removes a kubeconfig's secrets from an error: it quotes the paths in
// the file, and somebody may have put a key in place of one.
func hidden(err error, config api.Config) error {
	var hide secret.Redactor
	for _, name := range slices.Sorted(maps.Keys(config.AuthInfos)) {
		login := config.AuthInfos[name]
		hide.Add(secret.NewText(login.Token), secret.NewText(login.Password))
		for _, path := range []string{login.ClientKey, login.ClientCertificate, login.TokenFile} {
			// Paths in the file are relative to its folder.
			path = strings.TrimPrefix(path, filepath.Dir(login.LocationOfOrigin)+"/")
			if option.Shown(path) != path {
				hide.Add(secret.NewText(path))
			}
		}
	}
	return errors.New(hide.Text(err.Error()))
}
