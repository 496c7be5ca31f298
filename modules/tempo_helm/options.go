// SPDX-License-Identifier: AGPL-3.0-or-later

package tempohelm

import (
	"time"

	"github.com/picluster/tracing/modules/internal/kube"
	"github.com/picluster/tracing/modules/internal/option"
	"github.com/picluster/tracing/modules/internal/secret"
	"github.com/picluster/tracing/modules/internal/tempochart"
)

// Args are the task's options.
type Args struct {
	kube.Access
	State     string `json:"state"`
	Release   string `json:"release_name"`
	Namespace string `json:"release_namespace"`
	Mode      string `json:"mode"`

	ChartRef        string      `json:"chart_ref"`
	ChartRepoURL    string      `json:"chart_repo_url"`
	ChartVersion    string      `json:"chart_version"`
	RepoUsername    string      `json:"chart_repo_username"`
	RepoPassword    secret.Text `json:"chart_repo_password"`
	RepoCACert      string      `json:"chart_repo_ca_cert"`
	RepoInsecure    bool        `json:"insecure_skip_tls_verify"`
	PlainHTTP       bool        `json:"plain_http"`
	CreateNamespace bool        `json:"create_namespace"`

	NamespaceLabels      map[string]string `json:"namespace_labels"`
	NamespaceAnnotations map[string]string `json:"namespace_annotations"`

	Wait          bool          `json:"wait"`
	WaitTimeout   time.Duration `json:"wait_timeout"`
	ReadyCheck    string        `json:"ready_check"`
	Atomic        bool          `json:"atomic"`
	HistoryMax    int           `json:"history_max"`
	SkipCRDs      bool          `json:"skip_crds"`
	TakeOwnership bool          `json:"take_ownership"`
	Description   string        `json:"description"`
	Drift         string        `json:"drift"`
	Recover       bool          `json:"recover"`
	RemoveVolumes bool          `json:"remove_volumes"`
	RemoveSpace   bool          `json:"remove_namespace"`

	tempochart.Config
}

// The modes, and the states.
const (
	microservices = "microservices"
	monolithic    = "monolithic"
	present       = "present"
	absent        = "absent"
)

// Options is the table behind Args.
func (Module) Options() option.Table {
	rows := append(releaseOptions(), tempochart.Options()...)
	return option.Table{
		Options:          append(rows, kube.Options()...),
		RequiredIf:       []option.RequiredIf{{Option: "state", Value: present, Needs: []string{"s3"}}},
		RequiredTogether: [][]string{{"chart_repo_username", "chart_repo_password"}},
	}
}
