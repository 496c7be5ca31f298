// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

// flatten adds an attribute to labels; entries of a map become NAME_INNER.
func flatten(labels map[string]string, name string, value *common.AnyValue) {
	if inner, isMap := value.GetValue().(*common.AnyValue_KvlistValue); isMap {
		for _, pair := range inner.KvlistValue.GetValues() {
			flatten(labels, name+"_"+pair.Key, pair.Value)
		}
		return
	}
	labels[labelName(name, true)] = body(value)
}

// body is a value as text: a string as it is, everything else as JSON.
func body(value *common.AnyValue) string {
	switch one := plainValue(value).(type) {
	case nil:
		return ""
	case string:
		return one
	case float64:
		return strconv.FormatFloat(one, 'f', -1, 64)
	default:
		raw, _ := json.Marshal(one) // maps and lists of plain values
		return string(raw)
	}
}

func plainValue(value *common.AnyValue) any {
	switch one := value.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return one.StringValue
	case *common.AnyValue_BoolValue:
		return one.BoolValue
	case *common.AnyValue_IntValue:
		return one.IntValue
	case *common.AnyValue_DoubleValue:
		return one.DoubleValue
	case *common.AnyValue_BytesValue:
		return encoded(one.BytesValue)
	case *common.AnyValue_ArrayValue:
		list := []any{}
		for _, inner := range one.ArrayValue.GetValues() {
			list = append(list, plainValue(inner))
		}
		return list
	case *common.AnyValue_KvlistValue:
		fields := map[string]any{}
		for _, pair := range one.KvlistValue.GetValues() {
			fields[pair.Key] = plainValue(pair.Value)
		}
		return fields
	}
	return nil
}

func encoded(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }
