// SPDX-License-Identifier: AGPL-3.0-or-later

// Package ringtest holds only tests, which run whole modules, as a task does,
// against the Kubernetes API server alone. It has tests only.
package ringtest
