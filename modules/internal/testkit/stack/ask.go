// SPDX-License-Identifier: AGPL-3.0-or-later

package stack

import (
	"context"
	"io"
	"net/http"
)

// Ask sends a request without a body and reads the whole answer.
func Ask(ctx context.Context, method, url string) (status int, text string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}
