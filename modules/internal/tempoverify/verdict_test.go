// SPDX-License-Identifier: AGPL-3.0-or-later

package tempoverify

import (
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// The messages are those of the real programs.
func TestVerdict(t *testing.T) {
	ended := func(code int32, message string) core.ContainerState {
		return core.ContainerState{Terminated: &core.ContainerStateTerminated{ExitCode: code, Message: message}}
	}
	waits := func(reason string) core.ContainerState {
		return core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: "no such image"}}
	}
	unknown := "failed parsing config: failed to parse configFile c.yaml: yaml: unmarshal errors:\n  line 1: field receiverz not found in type distributor.Config"
	cases := map[string]struct {
		reason string
		phase  core.PodPhase
		state  *core.ContainerState
		want   end
	}{
		"taken":        {"", core.PodSucceeded, new(ended(0, "")), end{over: true}},
		"refused":      {"with Tempo's own message", core.PodFailed, new(ended(1, unknown)), end{over: true, refusal: "failed parsing config: failed to parse configFile c.yaml: yaml: unmarshal errors: line 1: field receiverz not found in type distributor.Config"}},
		"warnings":     {"the same exit code for warnings", core.PodFailed, new(ended(1, `level=warn msg="-- CONFIGURATION WARNINGS --" msg="Span logging is enabled."`)), end{over: true}},
		"by our own":   {"the masked value causes the error", core.PodFailed, new(ended(1, "failed parsing config: cannot unmarshal !!str `***` into int")), end{over: true, undecided: "its pod ended with 1: failed parsing config: cannot unmarshal !!str `***` into int"}},
		"no memory":    {"there was no output", core.PodFailed, new(ended(137, "")), end{over: true, undecided: "its pod ended with 137: "}},
		"no image":     {"not waited for", core.PodPending, new(waits("ImagePullBackOff")), end{over: true, undecided: "its pod does not start: ImagePullBackOff: no such image"}},
		"image, first": {"a retry may succeed", core.PodPending, new(waits("ErrImagePull")), end{}},
		"slow node":    {"the kubelet tries again", core.PodPending, &core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: "failed to sync configmap cache: timed out waiting for the condition"}}, end{}},
		"too late":     {"the deadline of the Job", core.PodFailed, nil, end{over: true, undecided: "its pod has failed: DeadlineExceeded it took long"}},
		"simulated":    {"nodes that start no containers", core.PodSucceeded, nil, end{over: true, undecided: "its pod has ended, and no container in it, as on a simulated node"}},
		"no node":      {"there may be one soon", core.PodPending, nil, end{}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			pod := core.Pod{Status: core.PodStatus{Phase: test.phase}}
			if test.phase == core.PodFailed {
				pod.Status.Reason, pod.Status.Message = "DeadlineExceeded", "it took long"
			}
			if test.state != nil {
				pod.Status.ContainerStatuses = []core.ContainerStatus{{Name: "linkerd-proxy"}, {Name: container, State: *test.state}}
			}
			require.Equal(t, test.want, endOf(pod), test.reason)
		})
	}
}

// No secret leaves the configuration, and what is no text stays what it is.
func TestJob(t *testing.T) {
	pod := core.PodTemplateSpec{Spec: core.PodSpec{
		NodeSelector: map[string]string{"kubernetes.io/arch": "arm64"}, ImagePullSecrets: []core.LocalObjectReference{{Name: "pull"}},
		Containers: []core.Container{{Name: "proxy"}, {Name: "tempo", Image: "grafana/tempo:2.10.8", Args: []string{"-config.file=/conf/tempo.yaml", "-config.expand-env=true", "-mem-ballast-size-mbs=1024"}}},
	}}
	config := map[string]any{"target": "all", "storage": map[string]any{"trace": map[string]any{"s3": map[string]any{"secret_key": "hunter2", "forcepathstyle": true}}},
		"list": []any{map[string]any{"password": "hunter3"}, 7}}
	job, err := Subject{Namespace: "tracing", Release: "tempo", Config: config, Pod: pod}.job()
	require.NoError(t, err)
	text, err := yaml.Marshal(job)
	require.NoError(t, err)
	require.NotContains(t, string(text), "hunter")
	spec := job.Spec.Template.Spec
	require.Equal(t, "list:\n- password: '***'\n- 7\nstorage:\n  trace:\n    s3:\n      forcepathstyle: true\n      secret_key: '***'\ntarget: all\n", job.Spec.Template.Annotations[annotation])
	require.Equal(t, []string{"-config.verify=true", "-config.file=/verify/tempo.yaml", "-config.expand-env=true"}, spec.Containers[0].Args)
	require.Equal(t, "grafana/tempo:2.10.8", spec.Containers[0].Image)
	require.Equal(t, pod.Spec.NodeSelector, spec.NodeSelector)
	require.Equal(t, pod.Spec.ImagePullSecrets, spec.ImagePullSecrets)
	require.NotContains(t, job.Spec.Template.Labels, "app.kubernetes.io/instance", "it is no pod of the release")
	require.NotNil(t, job.Spec.TTLSecondsAfterFinished)
	require.NotNil(t, job.Spec.ActiveDeadlineSeconds)

	_, err = Subject{Pod: core.PodTemplateSpec{Spec: core.PodSpec{Containers: []core.Container{{Name: "other"}}}}}.job()
	require.EqualError(t, err, "none of its containers reads a configuration")
}
