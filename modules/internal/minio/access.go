// SPDX-License-Identifier: AGPL-3.0-or-later

// Package minio provides a client for MinIO and other S3 stores: buckets through
// the S3 API, users and policies through MinIO's admin API.
package minio

import (
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Access says how to reach the store, and with which administrator's login. A
// module's Args embeds it.
type Access struct {
	Endpoint      string      `json:"endpoint"`
	Secure        *bool       `json:"secure"`
	AccessKey     string      `json:"access_key"`
	SecretKey     secret.Text `json:"secret_key"`
	Region        string      `json:"region"`
	ValidateCerts bool        `json:"validate_certs"`
	CACert        string      `json:"ca_cert"`
	ClientCert    string      `json:"client_cert"`
	ClientKey     string      `json:"client_key"`
}

// Options are the rows for Access. The aliases and environment variables are
// those of MinIO's own server (MINIO_ROOT_USER), its Terraform provider
// (MINIO_USER) and the modules that users had before.
func Options() []option.Option {
	return []option.Option{
		{Name: "endpoint", Type: option.Text, Required: true, Aliases: []string{"url", "endpoint_url", "s3_url"}, Env: []string{"MINIO_ENDPOINT"}, Check: checkEndpoint, Doc: []string{
			"Address of the store, as C(host:port) or as a URL such as V(https://s3.example.com:9091)."}},
		{Name: "secure", Type: option.Bool, Doc: []string{
			"Whether to use TLS. If it is not set, the scheme of a URL decides, and for C(host:port) it is V(true). A scheme that contradicts it is an error."}},
		{Name: "access_key", Type: option.Text, Login: true, Required: true, Aliases: []string{"root_user"}, Env: []string{"MINIO_ROOT_USER", "MINIO_ACCESS_KEY", "MINIO_USER"}, Doc: []string{
			"Name of the administrator who sets up the store, usually MinIO's root user."}},
		{Name: "secret_key", Type: option.Text, Required: true, Secret: true, Aliases: []string{"root_password"}, Env: []string{"MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY", "MINIO_PASSWORD"}, Doc: []string{
			"Secret key of the administrator."}},
		{Name: "region", Type: option.Text, Aliases: []string{"site_region"}, Env: []string{"MINIO_SITE_REGION", "MINIO_REGION"}, Check: option.CheckLine, Doc: []string{
			"Region of the bucket, the same as Tempo's. Without it the server's own is used. A bucket in another region is an error, since it cannot be moved."}},
		{Name: "validate_certs", Type: option.Bool, Default: true, Doc: []string{"Whether the server's certificate is verified."}},
		{Name: "ca_cert", Type: option.Text, Aliases: []string{"ca_path"}, Doc: []string{
			"CA certificate of the server, as a path on the host that runs the task or as PEM text. It is trusted in addition to those of that host."}},
		{Name: "client_cert", Type: option.Path, Inline: true, Doc: []string{"Client certificate in PEM form, as a path on the host that runs the task or as text."}},
		{Name: "client_key", Type: option.Path, Inline: true, Doc: []string{"Key of the client certificate, given in the same ways."}},
	}
}

// Pairs are the rows of Options that go together, for Table.RequiredTogether.
func Pairs() [][]string { return [][]string{{"client_cert", "client_key"}} }

// SigningRegion is the region for which requests are signed: the one that was
// asked for, else what every S3 client starts with.
func (a Access) SigningRegion() string {
	if a.Region == "" {
		return defaultRegion
	}
	return a.Region
}
