// SPDX-License-Identifier: AGPL-3.0-or-later

// Package option decodes a module's options by a table with one row per option and
// rules across rows. The table is the single source for the Go side, the argument
// spec and the documentation that Ansible shows.
package option

import "github.com/picluster/tracing/modules/internal/secret"

// Type is an option's type, in Ansible's terms.
type Type string

// The types. A Duration is written as "30s" or as a number of seconds, is longer
// than 0 and at most a day, and is documented as a string.
const (
	Text     Type = "str"
	Path     Type = "path"
	Bool     Type = "bool"
	Int      Type = "int"
	Float    Type = "float"
	Duration Type = "duration"
	Map      Type = "dict"
	List     Type = "list"
	Raw      Type = "raw"
)

// Option is one row of the table.
type Option struct {
	Name string
	Type Type
	// Elements is the type of a List's items; empty means Text. A Map without
	// suboptions has either Text, and then accepts only strings, or none.
	Elements Type
	// Suboptions are the keys of a Map, or of each Map in a List. A Map without
	// suboptions is free-form.
	Suboptions []Option
	// Default is used when neither the task nor Env gives a value. Nil leaves it
	// unset.
	Default  any
	Choices  []string
	Required bool
	// Secret hides the value from every output. In a free-form Map only the
	// values under sensitive keys are hidden (see package secret), unless Secret
	// is set: then all of its strings are.
	Secret bool
	// Login marks the name of a user or a tenant. Such a name and a Secret of one line may not
	// end with a line break.
	Login bool
	// Inline lets the value of a Path be the content of the file itself, which is
	// then hidden from every output.
	Inline bool
	// Hides returns what else in a value is secret. It gets the converted value, or
	// the task's own if that has the wrong type.
	Hides   func(value any) []secret.Text
	Aliases []string
	// Env names environment variables that are read when the task gives no
	// value; the first that is set and not empty wins.
	Env []string
	// Check validates a value of the right type. Its error completes the sentence
	// "NAME ...".
	Check func(value any) error
	// Since is the collection's version in which the option appeared; empty means
	// that of its module.
	Since string
	// Doc is the documentation, one string a paragraph, in Ansible's markup.
	Doc []string
}

// Table is a module's options and the rules between them, in the shapes of
// Ansible's argument spec.
type Table struct {
	Options           []Option
	RequiredIf        []RequiredIf
	RequiredTogether  [][]string
	RequiredOneOf     [][]string
	MutuallyExclusive [][]string
}

// RequiredIf requires other options when Option has Value.
type RequiredIf struct {
	Option string
	Value  any
	Needs  []string
	// Any says that one of Needs is enough.
	Any bool
}

// Lookup reads an environment variable, as os.LookupEnv does.
type Lookup func(name string) (string, bool)
