// SPDX-License-Identifier: AGPL-3.0-or-later

// Package loki holds what the lab's stand-in for Loki must do as Loki 3.7.8 does it: requests, and what Loki answered to them. Its
// tests run against the stand-in, or against the program that LAB_LOKI names.
package loki
