// SPDX-License-Identifier: AGPL-3.0-or-later

package helm

import (
	"strings"
	"syscall"

	"github.com/picluster/tracing/modules/internal/fault"
)

// texts are those of errors of kube and retry, and what they mean. Helm joins errors
// into a text in many places, which loses their types (helm pkg/kube/client.go, Update).
var texts = []struct {
	part string
	kind fault.Kind
	hint string
}{
	{syscall.ECONNREFUSED.Error(), fault.Unreachable, "the API server went away meanwhile: look at its state and run again"},
	{"which is not Kubernetes'", fault.Rejected, "a login page, a proxy or another program answers in the API server's place: look at what is in front of it and run again"},
	{"the connection was closed without an answer", fault.Unreachable, "the API server, or a proxy in front of it, ended the connection: look at its log and run again"},
	{"the connection broke off in the middle of the answer", fault.Unreachable, "the API server, or a proxy in front of it, ended the connection: look at its log and run again"},
	{"the server took the connection and said nothing", fault.Timeout, "look at the load of the API server and run again"},
	{"the server did not finish its answer", fault.Timeout, "look at the load of the API server and run again"},
	{"context deadline exceeded", fault.Timeout, "look at the load of the API server, or give the task more time, and run again"},
}

// fromText is an error whose text alone says what went wrong, nil for any other.
func fromText(doing string, err error) error {
	if fault.KindOf(err) != fault.Internal {
		return nil
	}
	for _, known := range texts {
		if strings.Contains(err.Error(), known.part) {
			return fault.Wrap(known.kind, known.hint, doing, err)
		}
	}
	return nil
}
