// SPDX-License-Identifier: AGPL-3.0-or-later

package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/client-go/pkg/apis/clientauthentication/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/picluster/tracing/modules/internal/fault"
)

// status is what the program returns.
type status = v1.ExecCredentialStatus

// program is one that prints a login
// (kubernetes.io/docs/reference/access-authn-authz/authentication, "client-go
// credential plugins").
type program struct {
	api.ExecConfig
	// given are the environment variables that the kubeconfig adds, as pairs of name
	// and value.
	given []any
	// info is what the program is told, as JSON.
	info  []byte
	limit time.Duration
}

func programOf(config *rest.Config) (*program, error) {
	p := &program{ExecConfig: *config.ExecProvider, limit: limit}
	if p.InteractiveMode == api.AlwaysExecInteractiveMode {
		return nil, fault.New(fault.Usage, "nobody can answer it here: use a kubeconfig with a certificate or the token of a ServiceAccount",
			"read kubeconfig: its program %s must be used from a terminal (interactiveMode: Always)", p.Command)
	}
	for _, one := range p.Env {
		p.given = append(p.given, map[string]any{"name": one.Name, "value": one.Value})
	}
	told := v1.ExecCredential{}
	told.Kind, told.APIVersion = "ExecCredential", p.APIVersion
	if p.ProvideClusterInfo {
		cluster, err := rest.ConfigToExecCluster(config)
		if err != nil {
			return nil, err
		}
		told.Spec.Cluster = &v1.Cluster{}
		if err := v1.Convert_clientauthentication_Cluster_To_v1_Cluster(cluster, told.Spec.Cluster, nil); err != nil {
			return nil, err
		}
	}
	info, err := json.Marshal(told)
	p.info = info
	return p, err
}

func (p *program) arguments() (all []any) {
	for _, one := range p.Args {
		all = append(all, one)
	}
	return all
}

// run starts the program and reads what it prints.
func (p *program) run(ctx context.Context) (got status, err error) {
	env := []string{"KUBERNETES_EXEC_INFO=" + string(p.info)}
	for _, one := range p.Env {
		env = append(env, one.Name+"="+one.Value)
	}
	out, err := call{name: p.Command, args: p.Args, env: env, limit: p.limit}.run(ctx)
	if err != nil {
		return got, p.failure(err, out)
	}
	return p.read(out.printed.kept.Bytes())
}

// read takes what the program printed. Its errors do not quote that.
func (p *program) read(printed []byte) (got status, err error) {
	var credential v1.ExecCredential
	if json.Unmarshal(bytes.TrimSpace(printed), &credential) != nil || credential.Status == nil {
		return got, p.useless("it printed no ExecCredential with a status")
	}
	got = *credential.Status
	switch {
	case credential.APIVersion != p.APIVersion:
		return got, p.useless(fmt.Sprintf("it printed an ExecCredential of %s, and the kubeconfig says %s", credential.APIVersion, p.APIVersion))
	case (got.ClientCertificateData == "") != (got.ClientKeyData == ""):
		return got, p.useless("it printed a certificate without its key, or a key without its certificate")
	case got.Token == "" && got.ClientKeyData == "":
		return got, p.useless("it printed neither a token nor a certificate")
	}
	return got, nil
}
