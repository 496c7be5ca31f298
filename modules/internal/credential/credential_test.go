// SPDX-License-Identifier: AGPL-3.0-or-later

package credential

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

const version = "client.authentication.k8s.io/v1"

// shell is a program of a kubeconfig that runs these commands.
func shell(commands string) *api.ExecConfig {
	return &api.ExecConfig{APIVersion: version, Command: "sh", Args: []string{"-c", commands}, InteractiveMode: api.NeverExecInteractiveMode}
}

func printed(status string) string {
	return `{"apiVersion":"` + version + `","kind":"ExecCredential","status":` + status + `}`
}

func TestProgramsThatDoNotLogIn(t *testing.T) {
	for name, test := range map[string]struct {
		reason, commands string
		kind             fault.Kind
		message          string
	}{
		"no end":              {"it waits for a browser", "exec sleep 1000", fault.Timeout, "run sh, by which the kubeconfig logs in: it did not end within 1s"},
		"a child without end": {"it holds the output open", "sleep 1000 & sleep 1000", fault.Timeout, "it did not end within 1s"},
		"no end of output":    {"it would fill the memory", "exec cat /dev/zero", fault.Usage, "it printed more than 1 MiB"},
		"no end of words":     {"they are not kept", "exec cat /dev/zero >&2", fault.Timeout, "it did not end within 1s"},
		"a failure":           {"its own words say why", "echo starting >&2; echo 'login expired' >&2; exit 3", fault.Denied, "it ended with exit status 3: login expired"},
		"a secret in words":   {"it was given it", `echo "refused: $PASSWORD" >&2; exit 3`, fault.Denied, "refused: " + secret.Placeholder},
		"its own token":       {"it printed it in vain", `echo S3CRET-token; echo "cannot cache S3CRET-token" >&2; exit 3`, fault.Denied, "cannot cache " + secret.Placeholder},
		"a wordy failure":     {"a line may be cut", "head -c 5000 /dev/zero >&2; exit 3", fault.Denied, "it ended with exit status 3"},
		"nothing":             {"an older API", "true", fault.Usage, "it printed no ExecCredential with a status"},
		"a page":              {"a proxy's", "echo '<html>'", fault.Usage, "it printed no ExecCredential with a status"},
		"another version":     {"client-go refuses it, too", `echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"S3CRET"}}'`, fault.Usage, "of client.authentication.k8s.io/v1beta1, and the kubeconfig says " + version},
		"half":                {"a key is missing", "echo '" + printed(`{"clientCertificateData":"x"}`) + "'", fault.Usage, "a certificate without its key"},
		"empty":               {"no login at all", "echo '" + printed(`{}`) + "'", fault.Usage, "it printed neither a token nor a certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := shell(test.commands)
			config.Env = []api.ExecEnvVar{{Name: "PASSWORD", Value: "S3CRET-CANARY-of-env"}}
			program, err := programOf(&rest.Config{ExecProvider: config})
			require.NoError(t, err)
			program.limit = time.Minute
			if test.kind == fault.Timeout {
				program.limit = time.Second
			}
			_, err = program.run(context.Background())
			require.ErrorContains(t, err, test.message, test.reason)
			require.Equal(t, test.kind, fault.KindOf(err))
			require.NotContains(t, err.Error(), "S3CRET")
		})
	}
}

// What the program started is ended with it.
func TestNothingOfAHangingProgramIsLeft(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	program, err := programOf(&rest.Config{ExecProvider: shell("sleep 1000 & echo $! >" + file + "; wait")})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := program.run(ctx)
		ended <- err
	}()
	var pid int
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(file)
		_, err := fmt.Sscanln(string(text), &pid)
		return err == nil
	}, time.Minute, 10*time.Millisecond)
	cancel()
	require.ErrorContains(t, <-ended, "it did not end")
	require.Eventually(t, func() bool {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || zombie(string(state))
	}, time.Minute, 10*time.Millisecond)
}

// zombie reports whether a process has ended and nobody has asked for it yet.
func zombie(state string) bool {
	var pid int
	var name, letter string
	_, err := fmt.Sscan(state, &pid, &name, &letter)
	return err == nil && letter == "Z"
}

func TestTheTokenOfAProgram(t *testing.T) {
	count := filepath.Join(t.TempDir(), "count")
	// Each call prints the next token: 1, 2, 3.
	commands := `n=$(($(cat ` + count + ` 2>/dev/null) + 1)); echo $n >` + count + `
echo '{"apiVersion":"` + version + `","kind":"ExecCredential","status":{"token":"S3CRET-CANARY-'$n'","expirationTimestamp":"2030-01-01T00:00:00Z"}}'`
	var seen []string
	refuse := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		if refuse {
			http.Error(w, "who is this", http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	program, err := programOf(&rest.Config{ExecProvider: shell(commands)})
	require.NoError(t, err)
	first, err := program.run(context.Background())
	require.NoError(t, err)
	now := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	tokens := &tokens{program: program, last: first, now: func() time.Time { return now }}
	hide := &secret.Redactor{}
	ctx := secret.WithRedactor(context.Background(), hide)
	ask := func() {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		require.NoError(t, err)
		answer, err := tokens.over(http.DefaultTransport).RoundTrip(request)
		require.NoError(t, err)
		_ = answer.Body.Close()
	}
	ask()
	ask()
	refuse = true
	ask()
	refuse = false
	ask()
	require.Equal(t, []string{"Bearer S3CRET-CANARY-1", "Bearer S3CRET-CANARY-1", "Bearer S3CRET-CANARY-1", "Bearer S3CRET-CANARY-2"}, seen)
	now = now.AddDate(2, 0, 0)
	ask()
	require.Equal(t, "Bearer S3CRET-CANARY-3", seen[4])
	require.Equal(t, secret.Placeholder, hide.Text("S3CRET-CANARY-3"))
}

func TestApply(t *testing.T) {
	t.Run("no program", func(t *testing.T) {
		config := &rest.Config{BearerToken: "x"}
		require.NoError(t, Apply(config))
		require.Nil(t, config.WrapTransport)
	})
	t.Run("a certificate", func(t *testing.T) {
		config := &rest.Config{ExecProvider: shell("echo '" + printed(`{"clientCertificateData":"cert","clientKeyData":"key"}`) + "'")}
		require.NoError(t, Apply(config))
		require.Equal(t, "cert key", string(config.CertData)+" "+string(config.KeyData))
		require.Nil(t, config.ExecProvider)
		require.Nil(t, config.WrapTransport)
	})
	t.Run("what it is told", func(t *testing.T) {
		told := filepath.Join(t.TempDir(), "told")
		program := shell(`printf %s "$KUBERNETES_EXEC_INFO" >` + told + "; echo '" + printed(`{"token":"t"}`) + "'")
		program.ProvideClusterInfo = true
		require.NoError(t, Apply(&rest.Config{Host: "https://127.0.0.1:6443", ExecProvider: program}))
		text, err := os.ReadFile(told)
		require.NoError(t, err)
		require.JSONEq(t, `{"kind":"ExecCredential","apiVersion":"`+version+`","spec":{"interactive":false,"cluster":{"server":"https://127.0.0.1:6443","config":null}}}`, string(text))
	})
	t.Run("a terminal", func(t *testing.T) {
		program := shell("true")
		program.InteractiveMode = api.AlwaysExecInteractiveMode
		require.ErrorContains(t, Apply(&rest.Config{ExecProvider: program}), "its program sh must be used from a terminal")
	})
	t.Run("not installed", func(t *testing.T) {
		program := shell("true")
		program.Command, program.InstallHint = "kubectl-none-such", "get it\n  from us"
		err := Apply(&rest.Config{ExecProvider: program})
		require.ErrorContains(t, err, "run kubectl-none-such, by which the kubeconfig logs in: executable file not found in $PATH")
		require.Contains(t, fault.HintOf(err), "the kubeconfig says: get it from us")
	})
}
