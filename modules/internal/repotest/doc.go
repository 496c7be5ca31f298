// SPDX-License-Identifier: AGPL-3.0-or-later

// Package repotest holds only tests, of what every module must do and of the
// rules that the repository has for itself.
package repotest
