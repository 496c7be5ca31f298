// SPDX-License-Identifier: AGPL-3.0-or-later

//go:build lab

package tempohelm_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// record is a revision of the release as Helm stores it, read without the
// module's code.
type record struct {
	revision int
	status   string
	chart    string
	config   map[string]any
	manifest string
	// text is the whole record in JSON.
	text   string
	secret core.Secret
}

// history are the release's revisions, newest first.
func (l lab) history(t *testing.T) []record {
	t.Helper()
	list, err := l.client.CoreV1().Secrets(l.namespace).List(t.Context(), meta.ListOptions{LabelSelector: "owner=helm,name=tempo"})
	require.NoError(t, err)
	all := []record{}
	for _, secret := range list.Items {
		all = append(all, readRecord(t, secret))
	}
	slices.SortFunc(all, func(a, b record) int { return b.revision - a.revision })
	return all
}

func readRecord(t *testing.T, secret core.Secret) record {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(string(secret.Data["release"]))
	require.NoError(t, err)
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	var content struct {
		Version  int            `json:"version"`
		Manifest string         `json:"manifest"`
		Config   map[string]any `json:"config"`
		Info     struct {
			Status string `json:"status"`
		} `json:"info"`
		Chart struct {
			Metadata struct {
				Name    string `json:"name"`
				Version string `json:"version"`
			} `json:"metadata"`
		} `json:"chart"`
	}
	require.NoError(t, json.Unmarshal(text, &content))
	require.Equal(t, secret.Labels["version"], strconv.Itoa(content.Version))
	require.Equal(t, secret.Labels["status"], content.Info.Status)
	return record{content.Version, content.Info.Status, content.Chart.Metadata.Name + "-" + content.Chart.Metadata.Version,
		content.Config, content.Manifest, string(text), secret}
}

// newest requires the newest revision to be deployed, and no other.
func (l lab) newest(t *testing.T) record {
	t.Helper()
	history := l.history(t)
	require.NotEmpty(t, history)
	require.Equal(t, "deployed", history[0].status)
	for _, older := range history[1:] {
		require.NotEqual(t, "deployed", older.status, "revision %d", older.revision)
		require.NotContains(t, older.status, "pending", "revision %d", older.revision)
	}
	return history[0]
}

// setStatus makes a revision look as if its process had died at that point half
// an hour ago.
func (l lab) setStatus(t *testing.T, found record, status string) {
	t.Helper()
	var content map[string]any
	require.NoError(t, json.Unmarshal([]byte(found.text), &content))
	info := content["info"].(map[string]any)
	info["status"], info["last_deployed"] = status, time.Now().Add(-30*time.Minute).Format(time.RFC3339)
	text, err := json.Marshal(content)
	require.NoError(t, err)
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, err = writer.Write(text)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	secret := found.secret.DeepCopy()
	secret.Labels["status"] = status
	secret.Data["release"] = []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))
	_, err = l.client.CoreV1().Secrets(l.namespace).Update(t.Context(), secret, meta.UpdateOptions{})
	require.NoError(t, err)
}
