// SPDX-License-Identifier: AGPL-3.0-or-later

// Package loki holds the cases in which the lab's stand-in must behave like Loki 3.7.8: requests, and what Loki
// answered to them. Its tests run against the stand-in, or against the program that LAB_LOKI names.
package loki
