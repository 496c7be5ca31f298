// SPDX-License-Identifier: AGPL-3.0-or-later

// Package kube provides the few calls of the Kubernetes API that are needed to
// start a cluster.
package kube

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// manager is the field manager under which the lab's objects are applied.
const manager = "picluster-lab"

// Login is what a client needs to authenticate.
type Login struct {
	// URL of the API server, such as https://127.0.0.1:20001.
	URL string
	// Authority (the CA), Certificate and Key are paths of PEM files.
	Authority, Certificate, Key string
}

func (l Login) config() *rest.Config {
	errors := runtime.NewScheme() // of all responses only errors are decoded
	meta.AddToGroupVersion(errors, schema.GroupVersion{Version: "v1"})
	return &rest.Config{
		Host: l.URL, Timeout: 15 * time.Second, QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAFile: l.Authority, CertFile: l.Certificate, KeyFile: l.Key},
		ContentConfig:   rest.ContentConfig{NegotiatedSerializer: serializer.NewCodecFactory(errors).WithoutConversion(), ContentType: runtime.ContentTypeJSON},
	}
}

// Client talks to one API server.
type Client struct{ rest rest.Interface }

// New reads the login's files.
func New(login Login) (*Client, error) {
	client, err := rest.UnversionedRESTClientFor(login.config())
	if err != nil {
		return nil, fmt.Errorf("read the login of the lab: %w", err)
	}
	return &Client{client}, nil
}

// TLS is the client side of a connection with that login.
func TLS(login Login) (*tls.Config, error) {
	config, err := rest.TLSConfigFor(login.config())
	if err != nil {
		return nil, fmt.Errorf("read the login of the lab: %w", err)
	}
	return config, nil
}

// Get reads the object at path into the value.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	return answer(ctx, c.rest.Get().AbsPath(path), path, into)
}

// Apply applies the YAML to the object at path, by server-side apply.
func (c *Client) Apply(ctx context.Context, path string, manifest []byte) error {
	return answer(ctx, c.apply(path, manifest), path, nil)
}

// Try is a dry run of Apply: it reads into the value what Apply would make of the object.
func (c *Client) Try(ctx context.Context, path string, manifest []byte, into any) error {
	return answer(ctx, c.apply(path, manifest).Param("dryRun", meta.DryRunAll), path, into)
}

func (c *Client) apply(path string, manifest []byte) *rest.Request {
	return c.rest.Patch(types.ApplyYAMLPatchType).AbsPath(path).Param("force", "true").Param("fieldManager", manager).Body(manifest)
}

// answer reads a successful response into the value, unless it is nil.
func answer(ctx context.Context, request *rest.Request, path string, into any) error {
	result := request.Do(ctx)
	if err := result.Error(); err != nil { // Raw would not return the server's message
		return fmt.Errorf("%s: %w", path, err)
	}
	raw, err := result.Raw()
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
