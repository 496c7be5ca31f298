// SPDX-License-Identifier: AGPL-3.0-or-later

// Package runner implements a stand-in for the container (image klipper-helm) of the Jobs that k3s' Helm controller
// creates, for simulated nodes, which start no containers: it does with the Helm SDK what that container does with the
// helm command.
//
// The order of steps, the arguments, the environment and the mounted files were read in klipper-helm's script "entry" (commit
// 09c5242) and in helm-controller 0.16.27, pkg/controllers/chart/chart.go. What differs: the container runs Helm 4 and the
// runner Helm 3, so SERVER_SIDE=true is refused and "auto" means client-side apply; and the plug-in mapkubeapis is not run,
// because no chart of the lab was ever installed with an API that Kubernetes has dropped.
package runner

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Verbs are the first argument of the container.
const (
	verbInstall = "install"
	verbDelete  = "delete"
)

// Failure policies: how to treat a release in a bad state.
const (
	policyReinstall = "reinstall"
	policyAbort     = "abort"
	policyRetry     = "retry"
)

// Helm's own default for --timeout.
const defaultTimeout = 5 * time.Minute

// configHashLabel is set on the release, so that the controller knows the configuration it was made from.
const configHashLabel = "helmcharts.helm.cattle.io/configHash"

// order is the task of a container.
type order struct {
	verb            string
	release         string
	namespace       string
	chart           string
	repo            string
	version         string
	driver          string
	failurePolicy   string
	expected        string // revision that the controller saw; empty when it did not say
	configHash      string
	timeout         time.Duration
	createNamespace bool
	takeOwnership   bool
	insecure        bool
	plainHTTP       bool
	passCredentials bool
	set             list
	setString       list
}

// list is a flag that may be repeated.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// readOrder translates a container's arguments and environment. apiServer is the host:port that stands for
// %{KUBERNETES_API}% in the name of the chart.
func readOrder(container corev1.Container, apiServer string) (order, error) {
	env := map[string]string{}
	for _, variable := range container.Env {
		env[variable.Name] = variable.Value
	}
	if len(container.Args) == 0 {
		return order{}, errors.New("the container has no arguments")
	}
	o := order{
		verb: container.Args[0], release: env["NAME"], namespace: env["TARGET_NAMESPACE"], repo: env["REPO"],
		chart:  strings.ReplaceAll(env["CHART"], "%{KUBERNETES_API}%", apiServer),
		driver: env["HELM_DRIVER"], failurePolicy: env["FAILURE_POLICY"], configHash: env["CONFIG_HASH"],
		expected: env["EXPECTED_RELEASE_REVISION"], insecure: env["INSECURE_SKIP_TLS_VERIFY"] == "true",
		plainHTTP: env["PLAIN_HTTP"] == "true", passCredentials: env["AUTH_PASS_CREDENTIALS"] == "true",
	}
	if err := o.readEnv(env); err != nil {
		return order{}, err
	}
	return o, o.readFlags(container.Args[1:])
}

func (o *order) readEnv(env map[string]string) (err error) {
	switch {
	case env["HELM_VERSION"] == "v2":
		return errors.New("Helm v2 is EOL effective 2020-11-13; upgrade your chart to helm v3") //nolint:staticcheck // the container's own words
	case env["SERVER_SIDE"] == "true":
		return errors.New("serverSide true needs Helm 4, this runner has Helm 3")
	case o.verb != verbInstall && o.verb != verbDelete:
		return fmt.Errorf("unknown command %q", o.verb)
	case o.release == "" || o.namespace == "":
		return errors.New("NAME and TARGET_NAMESPACE must be set")
	}
	if o.failurePolicy == "" {
		o.failurePolicy = policyReinstall
	}
	o.timeout = defaultTimeout
	if text := env["TIMEOUT"]; text != "" {
		if o.timeout, err = time.ParseDuration(text); err != nil {
			return fmt.Errorf("TIMEOUT: %w", err)
		}
	}
	return nil
}

// readFlags knows the flags that the controller writes; any other is an error, because it may change what Helm does.
func (o *order) readFlags(args []string) error {
	flags := flag.NewFlagSet("helm", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	namespace := flags.String("namespace", o.namespace, "")
	flags.StringVar(&o.version, "version", "", "")
	flags.BoolVar(&o.createNamespace, "create-namespace", false, "")
	flags.BoolVar(&o.takeOwnership, "take-ownership", false, "")
	flags.Var(&o.set, "set", "")
	flags.Var(&o.setString, "set-string", "")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("read the arguments of helm: %w", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("read the arguments of helm: unknown argument %q", flags.Arg(0))
	}
	if *namespace != o.namespace {
		return fmt.Errorf("--namespace %s and TARGET_NAMESPACE %s differ", *namespace, o.namespace)
	}
	return nil
}

// labels are those of the release.
func (o order) labels() map[string]string {
	if o.configHash == "" {
		return nil
	}
	return map[string]string{configHashLabel: o.configHash}
}
