// SPDX-License-Identifier: AGPL-3.0-or-later

// Package grafana implements a strict stand-in for the data source part of
// Grafana's HTTP API.
//
// It is not Grafana. It keeps data sources of several organizations, answers
// with Grafana's status codes and messages, and reads provisioning files as
// Grafana does. Where Grafana is lenient, it refuses: a request body must fit
// the models of github.com/grafana/grafana-openapi-client-go to the last key,
// and a provisioning file must hold no unknown key.
//
// What it does as Grafana does (grafana/grafana, read in 2026; pkg/api/
// datasources.go, pkg/services/datasources/service, pkg/services/provisioning/
// datasources, pkg/services/authn/clients):
//   - 200 for a created data source; 409 for a name or uid that is taken and for
//     an old version; 403 for a read-only one; 404; 401; 400 for a bad body,
//     a bad URL, or an unhealthy data source;
//   - the first data source of an organization becomes its default, and a
//     new default replaces the old one (through the API), while two
//     defaults in provisioning files are an error: the start fails, a reload is 500;
//   - an update leaves name, type, access, url, basicAuthUser and uid as they
//     are when they are empty, and keeps secrets that it does not name;
//   - secrets are never returned, only the names of those that are set;
//   - X-Grafana-Org-Id picks the organization, a token is bound to its own;
//   - numeric id routes are absent unless switched on (Grafana 13);
//   - Prometheus, Loki (from 10.2 on) and Tempo (from 12.3 on) are really asked
//     for their health, and a type without a check is 404; the data source
//     proxy really forwards;
//   - health checks and the proxy use a copy of a data source of up to five seconds
//     ago, unless X-Grafana-NoCache says otherwise;
//   - strings in provisioning files: $VAR, ${VAR}, $__env{}, $__file{}, $$.
//
// What it does not imitate: users' sessions, cookies, OAuth, LDAP, anonymous
// access, the lockout after five wrong passwords; roles other than Admin (all of
// data sources), Editor and Viewer (query only), and so fine-grained access
// control; quotas; plug-ins and their own checks of settings, query endpoints
// (/api/ds/query, resources); the auth-proxy header check; correlations, caching
// and team headers; gRPC (for streaming it checks Tempo's setting
// instead of a streamed search); orgName and the old layout (apiVersion 0) in
// provisioning files; encryption of stored secrets; the /apis resources; rate
// limits; TLS.
package grafana
