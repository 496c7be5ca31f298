// SPDX-License-Identifier: AGPL-3.0-or-later

package servers

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"github.com/picluster/tracing/molecule/lab/internal/kube"
)

// HopelessError is a failure that waiting does not change.
type HopelessError struct{ Why string }

func (e *HopelessError) Error() string { return e.Why }

// answers makes a probe that expects status 200 from the URL; the administrator's certificate is accepted everywhere.
func (l Lab) answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		config, err := kube.TLS(l.Login(admin))
		if err != nil {
			return err
		}
		code, err := ask(ctx, url, config)
		if err != nil {
			return err
		}
		if code != http.StatusOK {
			return fmt.Errorf("%s answers status %d", url, code)
		}
		return nil
	}
}

// Served says whether the chart repository has the file; waiting does not help if it does not.
func Served(ctx context.Context, url string) error {
	code, err := ask(ctx, url, nil)
	if err != nil {
		return err
	}
	if code != http.StatusOK {
		return &HopelessError{Why: fmt.Sprintf("the chart repository answers status %d", code)}
	}
	return nil
}

func ask(ctx context.Context, url string, config *tls.Config) (code int, err error) {
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, DisableKeepAlives: true}, Timeout: 5 * time.Second}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}
