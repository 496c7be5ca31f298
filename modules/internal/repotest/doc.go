// SPDX-License-Identifier: AGPL-3.0-or-later

// Package repotest keeps the repository to its own rules: it holds only tests.
package repotest
