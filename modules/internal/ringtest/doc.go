// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ringtest runs whole modules, as a task has them, against the Kubernetes
// API server alone. It has tests only.
package ringtest
