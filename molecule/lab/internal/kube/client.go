// SPDX-License-Identifier: AGPL-3.0-or-later

// Package kube speaks the few words of the Kubernetes API that starting a cluster takes.
package kube

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// manager is the field manager under which the lab's objects are applied.
const manager = "picluster-lab"

// Login is what a client needs to be let in.
type Login struct {
	// URL of the API server, such as https://127.0.0.1:20001.
	URL string
	// Authority, Certificate and Key are paths of PEM files.
	Authority, Certificate, Key string
}

// Client talks to one API server.
type Client struct {
	url  string
	http *http.Client
}

// New reads the login's files.
func New(login Login) (*Client, error) {
	config, err := TLS(login)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: config}
	return &Client{url: login.URL, http: &http.Client{Transport: transport, Timeout: 15 * time.Second}}, nil
}

// TLS is the client side of a connection with that login.
func TLS(login Login) (*tls.Config, error) {
	authority, err := os.ReadFile(login.Authority)
	if err != nil {
		return nil, fmt.Errorf("read the lab's authority: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("read the lab's authority %s: no certificate in it", login.Authority)
	}
	pair, err := tls.LoadX509KeyPair(login.Certificate, login.Key)
	if err != nil {
		return nil, fmt.Errorf("read the login %s: %w", login.Certificate, err)
	}
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// StatusError is an answer other than 2xx.
type StatusError struct {
	Code    int
	Path    string
	Message string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: status %d: %s", e.Path, e.Code, e.Message)
}

// NotFound says whether the answer was 404.
func NotFound(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Code == http.StatusNotFound
}

// Ready asks the API server whether all its parts are up.
func (c *Client) Ready(ctx context.Context) error {
	_, err := c.send(ctx, http.MethodGet, "/readyz", "", nil)
	return err
}

// Get reads the object at path into the value.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	raw, err := c.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// Apply makes the object at path be as the YAML says, by server-side apply.
func (c *Client) Apply(ctx context.Context, path string, manifest []byte) error {
	_, err := c.send(ctx, http.MethodPatch, path+"?force=true&fieldManager="+manager, "application/apply-patch+yaml", manifest)
	return err
}

// Try reads into the value what Apply would make of the YAML, and makes nothing.
func (c *Client) Try(ctx context.Context, path string, manifest []byte, into any) error {
	raw, err := c.send(ctx, http.MethodPatch, path+"?dryRun=All&force=true&fieldManager="+manager, "application/apply-patch+yaml", manifest)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read what %s would be: %w", path, err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, method, path, kind string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	request.Header.Set("Accept", "application/json")
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if response.StatusCode/100 != 2 {
		return nil, &StatusError{Code: response.StatusCode, Path: path, Message: message(raw)}
	}
	return raw, nil
}

// message takes the text out of the API server's Status object; other answers are shown as they are, cut short.
func message(raw []byte) string {
	var status struct{ Message string }
	if json.Unmarshal(raw, &status) == nil && status.Message != "" {
		return status.Message
	}
	return string(raw[:min(len(raw), 300)])
}
