// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A record of a megabyte may unpack to a thousand.
func TestDecompressionBombInARecord(t *testing.T) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	block := make([]byte, 1<<20)
	for range 200 {
		_, err := writer.Write(block)
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	record := core.Secret{ObjectMeta: meta.ObjectMeta{Name: "r", Labels: map[string]string{OwnerLabel: Owner}},
		Data: map[string][]byte{"release": []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))}}
	_, err := FromSecrets([]core.Secret{record})
	require.EqualError(t, err, "read release record r: it is larger than 128 MiB unpacked")
}
