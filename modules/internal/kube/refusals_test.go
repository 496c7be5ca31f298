// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/picluster/tracing/modules/internal/fault"
)

func TestFaultNamesTheCause(t *testing.T) {
	answer := func(code int32, reason meta.StatusReason, text string) error {
		return &apierrors.StatusError{ErrStatus: meta.Status{Code: code, Reason: reason, Message: text}}
	}
	const down = `Internal error occurred: failed calling webhook "linkerd-proxy-injector.linkerd.io": failed to call webhook: Post "https://linkerd-proxy-injector.linkerd.svc:443/?timeout=10s": dial tcp 10.43.7.1:443: connect: connection refused`
	cases := map[string]struct {
		reason string
		err    error
		kind   fault.Kind
		text   string
		hint   string
	}{
		"terminating namespace": {"no permission is missing", answer(http.StatusForbidden, meta.StatusReasonForbidden,
			`secrets "x" is forbidden: unable to create new content in namespace bug because it is being terminated`),
			fault.Conflict, "make it: namespace bug is being deleted", "wait until it is gone and run again; where it never goes, look at what holds it (finalizers): kubectl get namespace bug -o yaml"},
		"a webhook that is down": {"the API server itself is healthy", answer(http.StatusInternalServerError, meta.StatusReasonInternalError, down), fault.Unreachable,
			`make it: the admission webhook linkerd-proxy-injector.linkerd.io does not answer: failed to call webhook: Post "https://linkerd-proxy-injector.linkerd.svc:443/?timeout=10s": dial tcp 10.43.7.1:443: connect: connection refused`,
			"look at the pods behind its Service linkerd/linkerd-proxy-injector and run again; where it is no longer wanted, delete its configuration (kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations)"},
		"several at once": {"Helm joins them", errors.New("2 errors occurred:\n\t* " + down + "\n\t* " + down + "\n\n"), fault.Unreachable,
			`make it: the admission webhook linkerd-proxy-injector.linkerd.io does not answer: failed to call webhook: Post "https://linkerd-proxy-injector.linkerd.svc:443/?timeout=10s": dial tcp 10.43.7.1:443: connect: connection refused`,
			"look at the pods behind its Service linkerd/linkerd-proxy-injector and run again; where it is no longer wanted, delete its configuration (kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations)"},
		"a policy": {"its message is the cause", answer(http.StatusForbidden, meta.StatusReasonForbidden, `admission webhook "validate.kyverno.svc-fail" denied the request: no label team`), fault.Rejected,
			"make it: the admission webhook validate.kyverno.svc-fail refuses it: no label team", "the policy behind that webhook refuses it: change what it complains about, or the policy"},
		"a right in a namespace": {"the permission to grant, and where", answer(http.StatusForbidden, meta.StatusReasonForbidden, `secrets is forbidden: User "pi" cannot create resource "secrets" in API group "" in the namespace "tracing"`), fault.Denied,
			`make it: secrets is forbidden: User "pi" cannot create resource "secrets" in API group "" in the namespace "tracing"`,
			"give this user the verb create on secrets in a Role in namespace tracing (the role picluster_tracing_rbac gives all that a module needs), or use a kubeconfig with more rights"},
		"a right in the cluster": {"its group too", answer(http.StatusForbidden, meta.StatusReasonForbidden, `deployments.apps is forbidden: User "pi" cannot list resource "deployments" in API group "apps" at the cluster scope`), fault.Denied,
			`make it: deployments.apps is forbidden: User "pi" cannot list resource "deployments" in API group "apps" at the cluster scope`,
			"give this user the verb list on deployments of the API group apps in a ClusterRole (the role picluster_tracing_rbac gives all that a module needs), or use a kubeconfig with more rights"},
		"a right that Helm reports": {"Helm joins errors into a text", errors.New(`1 error occurred: could not get information about the resource: clusterroles.rbac.authorization.k8s.io "x" is forbidden: User "pi" cannot get resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope`), fault.Denied,
			`make it: 1 error occurred: could not get information about the resource: clusterroles.rbac.authorization.k8s.io "x" is forbidden: User "pi" cannot get resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope`,
			"give this user the verb get on clusterroles of the API group rbac.authorization.k8s.io in a ClusterRole (the role picluster_tracing_rbac gives all that a module needs), or use a kubeconfig with more rights"},
		"a policy of the API server": {"it answers Invalid, as if the object were", answer(http.StatusUnprocessableEntity, meta.StatusReasonInvalid, `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few-here' denied request: at most two pods`), fault.Rejected,
			"make it: the policy few refuses it: at most two pods", "change what the policy complains about, or the policy: kubectl get validatingadmissionpolicy few -o yaml"},
		"a quota": {"no right is missing", answer(http.StatusForbidden, meta.StatusReasonForbidden, `services "web" is forbidden: exceeded quota: small, requested: services=1, used: services=2, limited: services=2`), fault.Rejected,
			"make it: exceeded quota: small, requested: services=1, used: services=2, limited: services=2", "raise that ResourceQuota, remove what uses it up, or ask for less: kubectl describe resourcequota small"},
		"a quota without numbers": {"what to give", answer(http.StatusForbidden, meta.StatusReasonForbidden, `pods "web" is forbidden: failed quota: small: must specify limits.cpu for: web`), fault.Rejected,
			"make it: failed quota: small: must specify limits.cpu for: web", "give the containers the resources that the ResourceQuota asks for"},
		"PodSecurity": {"no right is missing", answer(http.StatusForbidden, meta.StatusReasonForbidden, `pods "web" is forbidden: violates PodSecurity "baseline:latest": hostPort`), fault.Rejected,
			`make it: it violates PodSecurity "baseline:latest": hostPort`, "change what it complains about, or the label pod-security.kubernetes.io/enforce of the namespace"},
		"a boolean for a string": {"without Go types", answer(http.StatusBadRequest, meta.StatusReasonBadRequest,
			`Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal bool into Go struct field Container.spec.template.spec.containers.image of type string`), fault.Rejected,
			"make it: Deployment: spec.template.spec.containers.image must be a string, and is a boolean",
			"give the field a value of its type: YAML makes numbers of digits and booleans of words such as yes, so put them in quotes where a string is expected"},
		"types of two objects": {"Helm joins them", errors.New(`2 errors occurred:; * StatefulSet in version "v1" cannot be handled as a StatefulSet: json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.tolerations of type []v1.Toleration; * Service in version "v1" cannot be handled as a Service: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32`), fault.Rejected,
			"make it: 2 errors occurred:; * StatefulSet: spec.template.spec.tolerations must be a list, and is a dictionary; * Service: spec.ports.port must be a whole number, and is a string",
			"give the field a value of its type: YAML makes numbers of digits and booleans of words such as yes, so put them in quotes where a string is expected"},
		"no right": {"the missing permission is unknown", answer(http.StatusForbidden, meta.StatusReasonForbidden, `secrets is forbidden: User "pi" cannot create resource "secrets"`), fault.Denied,
			`make it: secrets is forbidden: User "pi" cannot create resource "secrets"`, "give this user the right in a Role or ClusterRole, or use a kubeconfig with more rights"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := Fault("make it", test.err)
			require.EqualError(t, err, test.text, test.reason)
			require.Equal(t, test.kind, fault.KindOf(err))
			require.Equal(t, test.hint, fault.HintOf(err))
			require.ErrorIs(t, err, test.err)
		})
	}
}

func TestTerminating(t *testing.T) {
	namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: "bug"}}
	require.NoError(t, Terminating(namespace))
	namespace.DeletionTimestamp = &meta.Time{Time: time.Now()}
	require.EqualError(t, Terminating(namespace), "namespace bug is being deleted")
	namespace.Status.Conditions = []core.NamespaceCondition{
		{Type: core.NamespaceContentRemaining, Status: core.ConditionTrue, Message: "Some resources are remaining"},
		{Type: core.NamespaceFinalizersRemaining, Status: core.ConditionTrue, Message: "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"},
		{Type: core.NamespaceDeletionContentFailure, Status: core.ConditionFalse, Message: "All content successfully deleted"},
	}
	require.EqualError(t, Terminating(namespace), "namespace bug is being deleted: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances")
	require.Equal(t, fault.Conflict, fault.KindOf(Terminating(namespace)))
}
