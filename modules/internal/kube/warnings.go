// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"context"
	"sync"

	"k8s.io/client-go/rest"
)

// heard are the warnings with which the API server answers requests of one context.
type heard struct {
	lock  sync.Mutex
	texts []string
}

type hearing struct{}

// Hear returns a context whose requests by Objects leave the API server's warnings in
// texts, such as that the pods of a workload would violate a standard of PodSecurity.
func Hear(ctx context.Context) (_ context.Context, texts func() []string) {
	all := &heard{}
	return context.WithValue(ctx, hearing{}, all), func() []string {
		all.lock.Lock()
		defer all.lock.Unlock()
		return all.texts
	}
}

// listener hands warnings to who wants to hear them.
type listener struct{}

// HandleWarningHeaderWithContext takes a warning; code 299 is the only one that the API
// server sends.
func (listener) HandleWarningHeaderWithContext(ctx context.Context, code int, agent, text string) {
	all, wanted := ctx.Value(hearing{}).(*heard)
	if !wanted {
		rest.WarningLogger{}.HandleWarningHeaderWithContext(ctx, code, agent, text)
		return
	}
	all.lock.Lock()
	defer all.lock.Unlock()
	all.texts = append(all.texts, text)
}
