// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import "io"

// Writer returns a writer that hides every secret that r knows by then. Each
// call to Write must hold whole lines.
func (r *Redactor) Writer(out io.Writer) io.Writer { return writer{out: out, redactor: r} }

type writer struct {
	out      io.Writer
	redactor *Redactor
}

func (w writer) Write(line []byte) (int, error) {
	_, err := io.WriteString(w.out, w.redactor.Text(string(line)))
	return len(line), err
}
