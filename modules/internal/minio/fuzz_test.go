// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A policy document means what its normal form means, which is its own.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{`{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::a/*"]}]}`,
		`{"Statement":{"Action":["b","a","a"],"NotResource":"x","Condition":{"StringEquals":{"aws:Referer":[1,true]}}}}`, `{"Statement":[null,1,[]]}`, `{}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		document, err := parsed([]byte(text))
		if err != nil {
			return
		}
		_, _ = document.isPolicy(), document.Public()
		normal := document.Normal()
		require.True(t, document.Means(normal), "%v\n%v", document, normal)
		require.Equal(t, normal, normal.Normal(), "the normal form of the normal form")
	})
}
