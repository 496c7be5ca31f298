// SPDX-License-Identifier: AGPL-3.0-or-later

package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var holders = []Holder{
	{File: "server", Name: "server", Hosts: []string{"localhost", "127.0.0.1"}},
	{File: "admin", Name: "admin", Groups: []string{"system:masters"}},
}

func TestEnsure(t *testing.T) {
	now := time.Now()
	cases := map[string]struct {
		reason string
		spoil  func(t *testing.T, s Store)
		later  time.Duration
		kept   bool
	}{
		"again":         {reason: "nothing to do the second time", spoil: func(*testing.T, Store) {}, kept: true},
		"ends soon":     {reason: "recreated in the last month", spoil: func(*testing.T, Store) {}, later: 340 * 24 * time.Hour},
		"missing":       {reason: "a lost file is recreated", spoil: remove("admin.crt")},
		"damaged":       {reason: "a truncated file is recreated", spoil: overwrite("admin.key", "-----BEGIN")},
		"authority new": {reason: "nothing signed by an old authority is kept", spoil: remove("ca.key")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			store := Store{Dir: t.TempDir()}
			require.NoError(t, store.Ensure(now, holders))
			before := content(t, store, "admin")
			c.spoil(t, store)
			require.NoError(t, store.Ensure(now.Add(c.later), holders))
			require.Equal(t, c.kept, before == content(t, store, "admin"), c.reason)
			verify(t, store, now.Add(c.later))
		})
	}
}

func TestKeysArePrivate(t *testing.T) {
	store := Store{Dir: t.TempDir()}
	require.NoError(t, store.Ensure(time.Now(), holders))
	for _, file := range []string{"ca", "server", "admin"} {
		info, err := os.Stat(store.Key(file))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

func verify(t *testing.T, store Store, at time.Time) {
	authority, err := os.ReadFile(store.Certificate("ca"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(authority))
	loaded, err := tls.LoadX509KeyPair(store.Certificate("server"), store.Key("server"))
	require.NoError(t, err)
	_, err = loaded.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "127.0.0.1", CurrentTime: at})
	require.NoError(t, err)
	admin, err := tls.LoadX509KeyPair(store.Certificate("admin"), store.Key("admin"))
	require.NoError(t, err)
	_, err = admin.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	require.NoError(t, err)
	require.Equal(t, []string{"system:masters"}, admin.Leaf.Subject.Organization)
}

func content(t *testing.T, store Store, file string) string {
	raw, err := os.ReadFile(store.Certificate(file))
	if os.IsNotExist(err) {
		return ""
	}
	require.NoError(t, err)
	return string(raw)
}

func remove(file string) func(*testing.T, Store) {
	return func(t *testing.T, s Store) { require.NoError(t, os.Remove(s.Dir+"/"+file)) }
}

func overwrite(file, text string) func(*testing.T, Store) {
	return func(t *testing.T, s Store) { require.NoError(t, os.WriteFile(s.Dir+"/"+file, []byte(text), 0o600)) }
}
