// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/file"
)

// declared is a transport to a registry that refuses by the sizes that the
// registry itself declares, before anything of them is fetched: Helm's client keeps
// each blob of a manifest whole in memory.
type declared struct{ http.RoundTripper }

// RoundTrip sends the request on and looks at what the answer announces.
func (d declared) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := d.RoundTripper.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(request.URL.Path, "/manifests/") {
		return response, err
	}
	size, err := sizeIn(response)
	if err != nil {
		return nil, err
	}
	if size > file.Archives {
		return nil, fault.New(fault.Rejected, "check chart_ref: does it name a chart, and not an image?",
			"the registry announces %d MiB, and a chart may have %d MiB at most", size>>20, file.Archives>>20)
	}
	return response, nil
}

// sizeIn is what the blobs of a manifest have together, by the manifest, 0 where the
// answer is none. The body can be read again.
func sizeIn(response *http.Response) (int64, error) {
	data, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(data))
	var manifest struct {
		Config struct{ Size int64 }
		Layers []struct{ Size int64 }
	}
	if err != nil || json.Unmarshal(data, &manifest) != nil {
		return 0, err
	}
	total := manifest.Config.Size
	for _, layer := range manifest.Layers {
		if total > math.MaxInt64-max(layer.Size, 0) {
			return math.MaxInt64, nil
		}
		total += max(layer.Size, 0)
	}
	return total, nil
}
