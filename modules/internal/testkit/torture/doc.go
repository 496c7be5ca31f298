// SPDX-License-Identifier: AGPL-3.0-or-later

// Package torture is for tests only: it breaks each request of a task in each
// way in which a server, a proxy or a line between them breaks one, and wants a
// run that converges, or one that says clearly what was wrong and a next run that
// converges.
package torture
