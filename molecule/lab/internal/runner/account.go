// SPDX-License-Identifier: AGPL-3.0-or-later

package runner

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/cli"
	authentication "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// tokenLife is how long the pod's token is valid; a node renews it, the runner requests a new one for each attempt.
const tokenLife = int64(3600)

// newContainer prepares Helm for one attempt. It logs in as the pod's own service account, so that missing permissions show.
func (r *Runner) newContainer(ctx context.Context, pod *corev1.Pod, o order, root string) (container, error) {
	kubeconfig, err := r.podKubeconfig(ctx, pod, root)
	if err != nil {
		return container{}, err
	}
	settings := cli.New()
	settings.RepositoryConfig = filepath.Join(root, "home", "repositories.yaml")
	settings.RepositoryCache = filepath.Join(root, "home", "cache")
	settings.RegistryConfig = filepath.Join(root, "home", "klipper-helm", ".docker", "config.json")
	getter := genericclioptions.NewConfigFlags(false)
	getter.KubeConfig, getter.Namespace = &kubeconfig, &o.namespace
	getter.WrapConfigFn = func(config *rest.Config) *rest.Config {
		config.Burst = settings.BurstLimit // as the helm command does (helm, pkg/cli/environment.go)
		return config
	}
	config := &action.Configuration{}
	log := func(format string, args ...any) { r.log.Debug(fmt.Sprintf(format, args...), "pod", pod.Name) }
	if err := config.Init(getter, o.namespace, o.driver, log); err != nil {
		return container{}, fmt.Errorf("prepare helm: %w", err)
	}
	config.RegistryClient, err = newRegistry(o, settings.RegistryConfig)
	return container{order: o, root: root, config: config, settings: settings}, err
}

// podKubeconfig writes a kubeconfig for the service account of the container.
func (r *Runner) podKubeconfig(ctx context.Context, pod *corev1.Pod, root string) (string, error) {
	account := cmp.Or(pod.Spec.ServiceAccountName, "default")
	seconds := tokenLife
	request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
		ExpirationSeconds: &seconds,
		BoundObjectRef:    &authentication.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
	}}
	token, err := r.client.CoreV1().ServiceAccounts(pod.Namespace).CreateToken(ctx, account, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("log in as service account %s/%s: %w", pod.Namespace, account, err)
	}
	file := filepath.Join(root, "home", "kubeconfig")
	if err := clientcmd.WriteToFile(kubeconfig(r.rest, token.Status.Token, pod.Namespace), file); err != nil {
		return "", fmt.Errorf("write the login of service account %s/%s: %w", pod.Namespace, account, err)
	}
	return file, nil
}

func kubeconfig(server *rest.Config, token, namespace string) api.Config {
	config := api.NewConfig()
	config.Clusters["pod"] = &api.Cluster{Server: server.Host, CertificateAuthorityData: server.CAData}
	config.AuthInfos["pod"] = &api.AuthInfo{Token: token}
	config.Contexts["pod"] = &api.Context{Cluster: "pod", AuthInfo: "pod", Namespace: namespace}
	config.CurrentContext = "pod"
	return *config
}
