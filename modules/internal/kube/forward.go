// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"

	"github.com/picluster/tracing/modules/internal/fault"
)

// forwardTimeout is how long a port-forward may take to open.
const forwardTimeout = 15 * time.Second

// Forward opens a connection from a free port of this host's loopback to a port
// of a ready pod behind a Service, as kubectl port-forward does. It is for what
// the API server's proxy does not pass on: gRPC and logins. It stays open until
// the returned function is called.
func (c Clients) Forward(ctx context.Context, namespace, service string, port int) (address string, end func(), err error) {
	doing := fmt.Sprintf("forward a port to Service %s/%s port %d", namespace, service, port)
	pod, number, err := c.behind(ctx, namespace, service, port)
	if err != nil {
		return "", nil, fault.During(doing, err)
	}
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder, err := c.forwarder(namespace, pod, number, stop, ready)
	if err != nil {
		return "", nil, fault.During(doing, err)
	}
	failed := make(chan error, 1)
	go func() { failed <- forwarder.ForwardPorts() }()
	local, err := opened(ctx, forwarder, ready, failed)
	if err != nil {
		close(stop)
		return "", nil, Fault(doing, err)
	}
	return fmt.Sprintf("127.0.0.1:%d", local), func() { close(stop) }, nil
}

func (c Clients) forwarder(namespace, pod string, port int, stop, ready chan struct{}) (*portforward.PortForwarder, error) {
	transport, upgrader, err := spdy.RoundTripperFor(c.Config)
	if err != nil {
		return nil, err
	}
	request := c.Core.RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("portforward")
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, request.URL())
	return portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{fmt.Sprintf("0:%d", port)}, stop, ready, io.Discard, io.Discard)
}

// opened waits until the port is open and returns its number.
func opened(ctx context.Context, forwarder *portforward.PortForwarder, ready chan struct{}, failed chan error) (uint16, error) {
	ctx, cancel := context.WithTimeout(ctx, forwardTimeout)
	defer cancel()
	select {
	case <-ready:
	case err := <-failed:
		return 0, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return 0, err
	}
	return ports[0].Local, nil // one was asked for
}

// behind finds a ready pod of a Service and the number of the pod's port.
func (c Clients) behind(ctx context.Context, namespace, service string, port int) (pod string, number int, err error) {
	found, err := c.Core.Services(namespace).Get(ctx, service, meta.GetOptions{})
	if err != nil {
		return "", 0, Fault("read Service "+namespace+"/"+service, err)
	}
	selector := labels.SelectorFromSet(found.Spec.Selector).String()
	pods, err := c.Core.Pods(namespace).List(ctx, meta.ListOptions{LabelSelector: selector})
	if err != nil {
		return "", 0, Fault("list the pods of Service "+namespace+"/"+service, err)
	}
	for _, candidate := range pods.Items {
		if number := target(*found, candidate, port); isReady(candidate) && number != 0 {
			return candidate.Name, number, nil
		}
	}
	return "", 0, fault.New(fault.Unreachable, "look at the pods of that Service and their logs", "no pod of it is ready")
}

func isReady(pod core.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == core.PodReady {
			return condition.Status == core.ConditionTrue && pod.DeletionTimestamp == nil
		}
	}
	return false
}

// target is the pod's port behind a Service port, 0 if the pod has none of that
// name.
func target(service core.Service, pod core.Pod, port int) int {
	for _, candidate := range service.Spec.Ports {
		if int(candidate.Port) != port {
			continue
		}
		if name := candidate.TargetPort.StrVal; name != "" {
			return named(pod, name)
		}
		return cmp.Or(candidate.TargetPort.IntValue(), port)
	}
	return 0
}

func named(pod core.Pod, name string) int {
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == name {
				return int(port.ContainerPort)
			}
		}
	}
	return 0
}
