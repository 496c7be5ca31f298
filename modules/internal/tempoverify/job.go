// SPDX-License-Identifier: AGPL-3.0-or-later

// Package tempoverify runs a Job in which Tempo itself reads a new configuration
// before it is rolled out.
package tempoverify

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/secret"
)

// Subject is what is to be verified.
type Subject struct {
	Namespace, Release string
	// Config is the configuration, and Pod a pod that will run with it.
	Config map[string]any
	Pod    core.PodTemplateSpec
}

// Image is the image that reads the configuration, "" where none does.
func (s Subject) Image() string {
	runs, _ := s.program()
	return runs.Image
}

// Same reports whether another subject is the same configuration for the same image.
func (s Subject) Same(as Subject) bool {
	return s.Image() == as.Image() && reflect.DeepEqual(s.Config, as.Config)
}

// container is the name of the Job's one container.
const container = "verify"

// Where the configuration is: an annotation of the pod, and the file in which its
// container finds it. That leaves nothing but the Job to remove.
const (
	annotation = "picluster-tracing/tempo.yaml"
	folder     = "/verify"
	file       = "tempo.yaml"
)

// A Job that nobody removes, since the run was killed, ends and is removed by itself.
const deadline, lingers = 180, 60

// job is the Job that reads the configuration. It has the nodes and the rights of
// the pod, but neither its labels, by which the release's pods are found, nor a
// proxy of Linkerd's beside it, which would not end.
func (s Subject) job() (*batch.Job, error) {
	runs, ok := s.program()
	if !ok {
		return nil, fmt.Errorf("none of its containers reads a configuration")
	}
	text, err := yaml.Marshal(shown(s.Config))
	if err != nil {
		return nil, err
	}
	spec := s.Pod.Spec
	return &batch.Job{
		ObjectMeta: meta.ObjectMeta{GenerateName: s.Release + "-verify-config-", Namespace: s.Namespace, Labels: map[string]string{kube.ManagedByLabel: kube.Manager}},
		Spec: batch.JobSpec{
			BackoffLimit: new(int32), ActiveDeadlineSeconds: ptr(int64(deadline)), TTLSecondsAfterFinished: ptr(int32(lingers)),
			Template: core.PodTemplateSpec{
				ObjectMeta: meta.ObjectMeta{Annotations: map[string]string{annotation: string(text), "linkerd.io/inject": "disabled"}},
				Spec: core.PodSpec{
					RestartPolicy: core.RestartPolicyNever, AutomountServiceAccountToken: new(bool),
					NodeSelector: spec.NodeSelector, Tolerations: spec.Tolerations, ImagePullSecrets: spec.ImagePullSecrets, SecurityContext: spec.SecurityContext,
					Containers: []core.Container{runs},
					Volumes:    []core.Volume{{Name: container, VolumeSource: core.VolumeSource{DownwardAPI: &core.DownwardAPIVolumeSource{Items: []core.DownwardAPIVolumeFile{{Path: file, FieldRef: &core.ObjectFieldSelector{FieldPath: "metadata.annotations['" + annotation + "']"}}}}}}},
				},
			},
		},
	}, nil
}

// program is the container that reads the configuration and ends
// (grafana/tempo cmd/tempo/main.go, config.verify). What it says last is in its
// status, so that no log has to be read.
func (s Subject) program() (runs core.Container, ok bool) {
	reads := func(c core.Container) bool { return slices.ContainsFunc(c.Args, named("config.file")) }
	at := slices.IndexFunc(s.Pod.Spec.Containers, reads)
	if at < 0 {
		return core.Container{}, false
	}
	pod := s.Pod.Spec.Containers[at]
	args := []string{"-config.verify=true", "-config.file=" + folder + "/" + file}
	if slices.ContainsFunc(pod.Args, named("config.expand-env")) {
		args = append(args, "-config.expand-env=true")
	}
	return core.Container{
		Name: container, Image: pod.Image, ImagePullPolicy: pod.ImagePullPolicy, Command: pod.Command, Args: args, SecurityContext: pod.SecurityContext,
		Resources: core.ResourceRequirements{
			Requests: core.ResourceList{core.ResourceCPU: resource.MustParse("10m"), core.ResourceMemory: resource.MustParse("64Mi")},
			Limits:   core.ResourceList{core.ResourceMemory: resource.MustParse("256Mi")},
		},
		VolumeMounts:             []core.VolumeMount{{Name: container, MountPath: folder, ReadOnly: true}},
		TerminationMessagePolicy: core.TerminationMessageFallbackToLogsOnError,
	}, true
}

// named says whether an argument is the flag of that name.
func named(flag string) func(string) bool {
	return func(argument string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		return name == flag
	}
}

// shown is a configuration as it may stand in an annotation: each text that is a
// secret is hidden, which makes no difference for the one who parses it.
func shown(config map[string]any) any { return hide(config, secret.Masked(config)) }

func hide(plain, masked any) any {
	switch plain := plain.(type) {
	case map[string]any:
		other, _ := masked.(map[string]any)
		made := make(map[string]any, len(plain))
		for key, value := range plain {
			made[key] = hide(value, other[key])
		}
		return made
	case []any:
		other, ok := masked.([]any)
		if !ok || len(other) != len(plain) {
			return masked
		}
		made := make([]any, len(plain))
		for i := range plain {
			made[i] = hide(plain[i], other[i])
		}
		return made
	case string:
		return masked
	}
	return plain
}

func ptr[T any](value T) *T { return &value }
