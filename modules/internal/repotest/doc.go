// SPDX-License-Identifier: AGPL-3.0-or-later

// Package repotest holds only tests, which check that the repository follows its
// own rules.
package repotest
