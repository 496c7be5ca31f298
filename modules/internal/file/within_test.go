// SPDX-License-Identifier: AGPL-3.0-or-later

package file

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/picluster/tracing/modules/internal/fault"
)

// A read that never comes back, as that of /proc/kmsg, ends the task and not the
// patience of who waits for it.
func TestReadThatDoesNotEnd(t *testing.T) {
	never := make(chan struct{})
	defer close(never)
	_, err := within(time.Millisecond, "/proc/kmsg", func() ([]byte, error) {
		<-never
		return nil, nil
	})
	require.EqualError(t, err, "/proc/kmsg could not be read within 1ms")
	require.Equal(t, fault.Usage, fault.KindOf(err))
	require.NotEmpty(t, fault.HintOf(err))
}

func TestReadThatEnds(t *testing.T) {
	data, err := within(time.Hour, "x", func() ([]byte, error) { return []byte("content"), nil })
	require.NoError(t, err)
	require.Equal(t, "content", string(data))
	broken := errors.New("broken")
	_, err = within(time.Hour, "x", func() ([]byte, error) { return nil, broken })
	require.ErrorIs(t, err, broken)
}
