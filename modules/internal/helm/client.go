// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"context"
	"io"
	"log"
	"sync"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/kube"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	v1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	kubeapi "github.com/picluster/tracing/modules/internal/kube"
)

// Manager is the name under which Helm's own program owns the fields that it
// writes (helm cmd/helm/helm.go); a release stays Helm's, whoever deploys it.
const Manager = "helm"

// Wait waits until the objects of a release are ready. Its error becomes the
// release's description.
type Wait func(ctx context.Context, objects []Object) error

// Client works on the releases of one namespace.
type Client struct {
	action    *action.Configuration
	namespace string
	kube      *waitingClient
	records   trackingDriver
}

// Access is how a Client reaches the cluster.
type Access struct {
	Config *rest.Config
	// Loader is the kubeconfig behind Config.
	Loader clientcmd.ClientConfig
	// Secrets are those of the namespace, where releases are kept.
	Secrets   v1.SecretInterface
	Namespace string
	// Wait is called after an install or upgrade that is to wait.
	Wait Wait
	// Hide takes secrets out of what a release's record tells of an error; nil
	// hides nothing.
	Hide func(text string) string
}

// In is the access to the releases of one namespace.
func In(cluster kubeapi.Connection, namespace string) Access {
	return Access{Config: cluster.Config, Loader: cluster.Loader, Namespace: namespace, Secrets: cluster.Core.Secrets(namespace)}
}

var configured sync.Once

// configure sets what Helm keeps for the whole process.
func configure() {
	// Helm reports values that do not fit the chart's through the standard
	// logger, with the values themselves, which may be secrets (helm
	// pkg/chartutil/coalesce.go). This program compares the values with the
	// chart itself, and has no other use for that logger.
	log.SetOutput(io.Discard)
	kube.ManagedFieldsManager = Manager
}

// New makes a client. It contacts nothing.
func New(access Access) *Client {
	configured.Do(configure)
	getter := &getter{config: access.Config, loader: access.Loader, namespace: access.Namespace}
	client := kube.New(getter)
	client.Namespace = access.Namespace
	waiter := &waitingClient{Client: client, wait: access.Wait}
	records := trackingDriver{redactingDriver{driver.NewSecrets(access.Secrets), access.Hide}, newOpenRecords()}
	return &Client{namespace: access.Namespace, kube: waiter, records: records, action: &action.Configuration{
		RESTClientGetter: getter,
		KubeClient:       waiter,
		Releases:         storage.Init(records),
		Log:              func(string, ...any) {},
		HookOutputFunc:   func(_, _, _ string) io.Writer { return io.Discard },
	}}
}
