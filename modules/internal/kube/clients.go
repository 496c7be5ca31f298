// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"net/http"

	apps "k8s.io/client-go/kubernetes/typed/apps/v1"
	batch "k8s.io/client-go/kubernetes/typed/batch/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	core "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/picluster/tracing/modules/internal/fault"
)

// Clients are the typed clients that the modules share, over one connection.
// They contact nothing until they are used.
type Clients struct {
	Core         core.CoreV1Interface
	Apps         apps.AppsV1Interface
	Batch        batch.BatchV1Interface
	Coordination coordination.CoordinationV1Interface
	// Config is for making other clients.
	Config *rest.Config
}

// protobuf is what the API server encodes fastest; JSON is for the rest.
const protobuf = "application/vnd.kubernetes.protobuf,application/json"

// Clients makes the clients for this access.
func (a Access) Clients() (Clients, error) {
	config, err := a.RESTConfig()
	if err != nil {
		return Clients{}, err
	}
	return NewClients(config)
}

// NewClients makes the clients for a configuration.
func NewClients(config *rest.Config) (Clients, error) {
	quick := rest.CopyConfig(config)
	quick.AcceptContentTypes, quick.ContentType = protobuf, "application/vnd.kubernetes.protobuf"
	http, err := rest.HTTPClientFor(quick)
	if err != nil {
		return Clients{}, fault.Wrap(fault.Usage, hint, "prepare the connection to the Kubernetes API", err)
	}
	return clients(config, quick, http)
}

func clients(config, quick *rest.Config, http *http.Client) (Clients, error) {
	coreClient, err := core.NewForConfigAndClient(quick, http)
	if err != nil {
		return Clients{}, err
	}
	appsClient, err := apps.NewForConfigAndClient(quick, http)
	if err != nil {
		return Clients{}, err
	}
	batchClient, err := batch.NewForConfigAndClient(quick, http)
	if err != nil {
		return Clients{}, err
	}
	leases, err := coordination.NewForConfigAndClient(quick, http)
	if err != nil {
		return Clients{}, err
	}
	return Clients{Core: coreClient, Apps: appsClient, Batch: batchClient, Coordination: leases, Config: config}, nil
}
