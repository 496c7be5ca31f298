// SPDX-License-Identifier: AGPL-3.0-or-later

package datasource

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/picluster/tracing/modules/internal/digest"
	"github.com/picluster/tracing/modules/internal/grafana"
	"github.com/picluster/tracing/modules/internal/jsondata"
	"github.com/picluster/tracing/modules/internal/secret"
)

// mustWrite decides for one secret.
func (s Spec) mustWrite(name string, text secret.Text, observed *grafana.Source) bool {
	if observed == nil || !slices.Contains(observed.SecretsSet, name) {
		return !text.Empty()
	}
	if s.UpdateSecret == "on_create" {
		return false
	}
	if known, isKnown := observed.Secrets[name]; isKnown {
		return known != text // a file can be read, unlike what Grafana stores
	}
	if s.UpdateSecret == "always" {
		return true
	}
	digests, _ := observed.JSONData[jsondata.DigestKey].(map[string]any)
	stored, _ := digests[name].(string)
	return !digest.Fits(stored, text)
}

// withDigests returns source with the digests of the secrets that it writes.
func withDigests(source grafana.Source, mode string) (grafana.Source, error) {
	if mode != updateByDigest || len(source.Secrets) == 0 {
		return source, nil
	}
	digests := map[string]any{}
	for name, text := range source.Secrets {
		made, err := digest.New(text)
		if err != nil {
			return source, err
		}
		digests[name] = made
	}
	source.JSONData = jsondata.Merge(source.JSONData, map[string]any{jsondata.DigestKey: digests})
	return source, nil
}

// folder is where the task keeps digests on the host, nil for Grafana itself.
func (a Args) folder() *digest.Folder {
	if a.DigestPath == "" || a.UpdateSecret != updateByDigest {
		return nil
	}
	return &digest.Folder{Path: a.DigestPath, Server: strings.TrimRight(strings.TrimSpace(a.URL), "/")}
}

// recaller reads what a folder of digests keeps.
type recaller interface {
	Recall(thing string, id, version int64) (map[string]string, error)
}

// recall gives a data source that was just read the digests of the host's folder,
// instead of those that it may have in Grafana.
func recall(folder recaller, read *grafana.Source) error {
	if folder == nil || read == nil {
		return nil
	}
	delete(read.JSONData, jsondata.DigestKey)
	recalled, err := folder.Recall(digestKey(read), read.ID, read.Version)
	if len(recalled) > 0 {
		digests := map[string]any{}
		for name, text := range recalled {
			digests[name] = text
		}
		read.JSONData[jsondata.DigestKey] = digests
	}
	return err
}

// digestPage is what the folder keeps once Grafana has made what was sent.
func digestPage(sent grafana.Source, made *grafana.Source) digest.Page {
	texts := map[string]string{}
	digests, _ := sent.JSONData[jsondata.DigestKey].(map[string]any)
	for name, value := range digests {
		texts[name], _ = value.(string)
	}
	return digest.Page{Thing: digestKey(made), ID: made.ID, Version: made.Version, Digests: texts}
}

func digestKey(source *grafana.Source) string {
	return fmt.Sprintf("org %d data source %s", source.OrgID, source.UID)
}

// undigested is what goes to Grafana where the digests do not.
func undigested(source grafana.Source) grafana.Source {
	source.JSONData = maps.Clone(source.JSONData)
	delete(source.JSONData, jsondata.DigestKey)
	return source
}
