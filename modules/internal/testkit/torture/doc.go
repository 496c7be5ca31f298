// SPDX-License-Identifier: AGPL-3.0-or-later

// Package torture provides tests that break each request of a task in every way in
// which a server, a proxy or the network can break it, and require a run that
// converges, or one that says clearly what went wrong followed by a run that
// converges.
package torture
