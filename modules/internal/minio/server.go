// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"sync"

	"github.com/minio/madmin-go/v3"
	s3 "github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/picluster/tracing/modules/internal/fault"
	"github.com/picluster/tracing/modules/internal/secret"
)

// defaultRegion is what S3 clients sign with when they know no region, and what
// a MinIO server without a region of its own accepts like any other.
const defaultRegion = "us-east-1"

// madmin-go counts its attempts in a variable of the package. One is enough:
// the transport below repeats what can be repeated.
var attempts sync.Once

// Server is a store with an administrator's login.
type Server struct {
	access    Access
	transport *retrying
	store     *s3.Client
	admin     *madmin.AdminClient
}

// Open prepares the clients. It contacts nothing yet.
func Open(access Access) (*Server, error) {
	transport, err := newTransport(access)
	if err != nil {
		return nil, err
	}
	server := &Server{access: access, transport: transport}
	return server, server.connect()
}

func (s *Server) connect() error {
	host, secure, err := s.access.address()
	if err != nil {
		return err
	}
	login := credentials.NewStaticV4(s.access.AccessKey, s.access.SecretKey.Reveal(), "")
	if s.store, err = s.client(login); err != nil {
		return err
	}
	attempts.Do(func() { madmin.MaxRetry = 1 })
	s.admin, err = madmin.NewWithOptions(host, &madmin.Options{Creds: login, Secure: secure, Transport: s.transport})
	return fault.During("prepare the admin client", err)
}

// client makes an S3 client that signs for the bucket's region, so that it need
// not ask for it first.
func (s *Server) client(login *credentials.Credentials) (*s3.Client, error) {
	host, secure, err := s.access.address()
	if err != nil {
		return nil, err
	}
	client, err := s3.New(host, &s3.Options{
		Creds: login, Secure: secure, Region: s.Region(), Transport: s.transport, MaxRetries: 1,
	})
	return client, fault.During("prepare the S3 client", err)
}

// as is a client with another login.
func (s *Server) as(user string, key secret.Text) (*s3.Client, error) {
	return s.client(credentials.NewStaticV4(user, key.Reveal(), ""))
}

// Region is the region for which requests are signed.
func (s *Server) Region() string { return s.access.SigningRegion() }
