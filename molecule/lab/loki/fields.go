// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
)

// fields is the json stage: each string, number or boolean of the line becomes a label, those of nested objects
// under the joined names. The first of two with one name wins, lists and null are skipped. A line that is not an object passes with
// the label __error__.
func fields(one *found) bool {
	given := maps.Clone(one.labels)
	add := func(name, value string) {
		if _, taken := given[name]; taken {
			name += "_extracted"
		}
		if _, twice := one.labels[name]; !twice {
			one.labels[name] = value
		}
	}
	if !strings.HasPrefix(strings.TrimSpace(one.line), "{") {
		one.labels["__error__"], one.labels["__error_details__"] = "JSONParserErr", "Value looks like object, but can't find closing '}' symbol"
		return true
	}
	decoder := json.NewDecoder(strings.NewReader(one.line))
	decoder.UseNumber()
	if _, err := decoder.Token(); err != nil || object(decoder, "", add) != nil {
		one.labels["__error__"], one.labels["__error_details__"] = "JSONParserErr", "Malformed JSON error"
	}
	return true
}

// object reads what follows a "{" up to its "}".
func object(decoder *json.Decoder, prefix string, add func(name, value string)) error {
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		text, isText := key.(string)
		if !isText {
			return errors.New("no name")
		}
		if err := value(decoder, prefix+labelName(text, prefix == ""), add); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

func value(decoder *json.Decoder, name string, add func(name, value string)) error {
	token, err := decoder.Token()
	switch value := token.(type) {
	case string:
		add(name, value)
	case json.Number:
		add(name, value.String())
	case bool:
		add(name, strconv.FormatBool(value))
	case json.Delim:
		if value == '{' {
			return object(decoder, name+"_", add)
		}
		return list(decoder)
	}
	return err
}

func list(decoder *json.Decoder) error {
	for decoder.More() {
		if err := value(decoder, "", func(string, string) {}); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// labelName makes a label name of any text; first is whether the name begins with it.
func labelName(text string, first bool) string {
	text = strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, strings.TrimSpace(text))
	if first && text != "" && text[0] >= '0' && text[0] <= '9' {
		return "_" + text
	}
	return text
}
