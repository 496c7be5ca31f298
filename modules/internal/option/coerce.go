// SPDX-License-Identifier: AGPL-3.0-or-later

package option

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// coerce turns a value as Ansible users write it ("yes", "3", "30s", a,b,c)
// into the option's type. The results are string, bool, int64, float64, []any
// and map[string]any; a Duration becomes the nanoseconds of a time.Duration.
// The contents of a list or a map are read later. Errors complete the sentence
// "NAME ..." and never quote a value, since it may be a secret. inline lets a
// Path be the content of the file.
func coerce(kind Type, inline bool, value any) (any, error) {
	switch kind {
	case Bool:
		return toBool(value)
	case Int:
		return toInt(value)
	case Float:
		return toFloat(value)
	case Duration:
		return toDuration(value)
	case Map:
		return toMap(value)
	case List:
		return toList(value), nil
	case Path:
		return toPath(value, inline)
	case Raw:
		return value, nil
	case Text:
		return toText(value)
	}
	return nil, fmt.Errorf("has the unknown type %q", kind)
}

// words are the spellings of a boolean that Ansible accepts (ansible-core,
// module_utils/parsing/convert_bool.py).
var words = map[string]bool{
	"y": true, "yes": true, "on": true, "1": true, "true": true, "t": true,
	"n": false, "no": false, "off": false, "0": false, "false": false, "f": false,
}

func toBool(value any) (any, error) {
	if b, ok := value.(bool); ok {
		return b, nil
	}
	text, known := digits(value)
	if f, err := finite(text); known && err == nil { // 1.0 is true too
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if b, ok := words[strings.ToLower(text)]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("must be a boolean such as true or false")
}

// spelled restores the word that the user wrote where YAML made it a boolean:
// "on" and "off" are booleans in YAML 1.1. Ansible does the same when only one
// choice can be meant (ansible-core, module_utils/common/validation.py,
// check_argument_values).
func spelled(choices []string, value any) any {
	b, isBool := value.(bool)
	if !isBool || choices == nil {
		return value
	}
	var meant []string
	for _, choice := range choices {
		if word, ok := words[choice]; ok && word == b {
			meant = append(meant, choice)
		}
	}
	if len(meant) != 1 {
		return strconv.FormatBool(b) // the fault lists the choices
	}
	return meant[0]
}

// toPath expands a leading ~ and environment variables, as Ansible does for the
// type path. File content is only allowed inline.
func toPath(value any, inline bool) (any, error) {
	text, err := toText(value)
	switch {
	case err != nil:
		return nil, err
	case !IsPath(text.(string)) && inline:
		return text, nil
	case !IsPath(text.(string)):
		return nil, fmt.Errorf("must be the path of a file, not what is in it")
	}
	path := os.ExpandEnv(text.(string))
	rest, home := strings.CutPrefix(path, "~/")
	if !home {
		return path, nil
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("starts with ~ but this user has no home")
	}
	return filepath.Join(dir, rest), nil
}

func toMap(value any) (any, error) {
	if m, ok := value.(map[string]any); ok {
		return m, nil
	}
	text, _ := value.(string)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var m map[string]any
	if decoder.Decode(&m) == nil && m != nil && !decoder.More() {
		return m, nil
	}
	return nil, fmt.Errorf("must be a dictionary")
}

// toList accepts a list, a text with commas, or one item.
func toList(value any) any {
	switch v := value.(type) {
	case []any:
		return v
	case string:
		return splitList(v)
	}
	return []any{value}
}

func splitList(text string) any {
	items := []any{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
