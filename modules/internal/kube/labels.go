// SPDX-License-Identifier: AGPL-3.0-or-later

package kube

// Manager is the name under which our modules own fields and objects.
const Manager = "picluster.tracing"

// Labels that charts and we put on objects (kubernetes.io recommended labels).
const (
	ManagedByLabel = "app.kubernetes.io/managed-by"
	InstanceLabel  = "app.kubernetes.io/instance"
	ComponentLabel = "app.kubernetes.io/component"
	VersionLabel   = "app.kubernetes.io/version"
)
