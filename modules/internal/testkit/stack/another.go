// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/testkit"
)

// Another is a running S3 store that is not MinIO.
type Another struct {
	// URL is that of its S3 API, Region what it wants requests to be signed for.
	URL, Region string
	// RootKey and RootSecret create buckets; Key and Secret are Tempo's. Reader
	// has the same secret and may only read; "" if the store runs already.
	RootKey, RootSecret, Key, Secret, Reader string
}

// StartAnother runs SeaweedFS until the end of the test: for LAB_S3=seaweedfs the
// lab's build of it, else the program weed at the path in LAB_S3. Tempo's
// credentials are for one bucket only. With LAB_S3=http://KEY:SECRET@HOST:PORT it
// is a running store, whose credentials Tempo uses too; ?region=REGION after that
// is its region, if that is not eu-west-1.
func StartAnother(t *testing.T, bucket string) Another {
	t.Helper()
	setting := testkit.Env(t, "LAB_S3")
	if at, err := url.Parse(setting); err == nil && at.Host != "" {
		key := at.User.Username()
		secret, _ := at.User.Password()
		region := cmp.Or(at.Query().Get("region"), Region)
		return Another{URL: at.Scheme + "://" + at.Host, Region: region, RootKey: key, RootSecret: secret, Key: key, Secret: secret}
	}
	if setting == "seaweedfs" {
		setting = program(t, "weed")
	}
	return startWeed(t, setting, bucket)
}

// startWeed runs a master, a volume server, a filer and the S3 gateway in one
// process (SeaweedFS 4.53: weed/command/server.go, weed scaffold -config=s3).
func startWeed(t *testing.T, path, bucket string) Another {
	t.Helper()
	folder, err := os.MkdirTemp("", "weed-") // sockets in it need a short path
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	store := Another{Region: Region, RootKey: "labroot", RootSecret: testkit.Secret(), Key: "labtempo", Secret: testkit.Secret(), Reader: "labreader"}
	config := filepath.Join(folder, "s3.json")
	require.NoError(t, os.WriteFile(config, store.identities(bucket), 0o600))
	at := Free(t, 8)
	store.URL = "http://" + at[0]
	launch(t, path, nil, "server", "-s3", "-dir="+folder, "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
		"-volume.max=20", "-master.volumeSizeLimitMB=64", "-volume.preStopSeconds=0", "-s3.config="+config,
		"-s3.port="+port(at[0]), "-s3.port.grpc="+port(at[1]), "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.localSocket="+folder+"/s3.sock",
		"-filer.port="+port(at[2]), "-filer.port.grpc="+port(at[3]), "-filer.localSocket="+folder+"/filer.sock",
		"-master.port="+port(at[4]), "-master.port.grpc="+port(at[5]), "-volume.port="+port(at[6]), "-volume.port.grpc="+port(at[7]))
	Answers(t, store.URL+"/healthz", "")
	return store
}

func (s Another) identities(bucket string) []byte {
	const identity = `{"name": %q, "credentials": [{"accessKey": %[1]q, "secretKey": %q}], "actions": [%s]}`
	root := fmt.Sprintf(identity, s.RootKey, s.RootSecret, `"Admin", "Read", "Write", "List", "Tagging"`)
	tempo := fmt.Sprintf(identity, s.Key, s.Secret, fmt.Sprintf(`"Read:%s", "Write:%[1]s", "List:%[1]s", "Tagging:%[1]s"`, bucket))
	reader := fmt.Sprintf(identity, s.Reader, s.Secret, fmt.Sprintf(`"Read:%s", "List:%[1]s"`, bucket))
	return fmt.Appendf(nil, `{"identities": [%s, %s, %s]}`, root, tempo, reader)
}
