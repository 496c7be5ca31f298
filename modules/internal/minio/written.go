// SPDX-License-Identifier: AGPL-3.0-or-later

package minio

import "strings"

// written is the document as MinIO and RustFS take it, which is less than users may
// write: a list of statements, Effect in its one spelling, a version, and conditions
// of which none is empty. The document's name is "ID" there, in any case for MinIO
// alone (rustfs-policy 1.0.1, src/policy/policy.rs).
func (d Document) written() Document {
	whole := Document(named(d, documentNames))
	statements := list(whole["Statement"])
	for i, item := range statements {
		if statement, ok := item.(map[string]any); ok {
			statements[i] = writtenStatement(named(statement, statementNames))
		}
	}
	whole["Version"], whole["Statement"] = version(whole["Version"]), statements
	if id, ok := whole["Id"]; ok {
		delete(whole, "Id")
		whole["ID"] = id
	}
	return whole
}

func writtenStatement(statement map[string]any) map[string]any {
	statement["Effect"] = effect(statement["Effect"])
	if statement["Condition"] = writtenConditions(statement["Condition"]); empty(statement["Condition"]) {
		delete(statement, "Condition")
	}
	return statement
}

// writtenConditions are conditions as both take them: no empty one, no value
// twice, and addresses with the length that they stand for.
func writtenConditions(value any) any {
	operators, ok := value.(map[string]any)
	if !ok {
		return value
	}
	written := map[string]any{}
	for operator, keys := range operators {
		fields, ok := keys.(map[string]any)
		if !ok || len(fields) == 0 {
			continue
		}
		written[operator] = writtenKeys(unqualified(operator), fields)
	}
	return written
}

func writtenKeys(operator string, keys map[string]any) map[string]any {
	written := make(map[string]any, len(keys))
	for key, values := range keys {
		written[key] = single(once(list(values), operator))
	}
	return written
}

// single is the value alone where there is one: RustFS takes no list of numbers or
// dates (rustfs-policy 1.0.1, src/policy/function).
func single(values []any) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}

// once drops repeated values, which MinIO refuses. It takes booleans and numbers only
// where the operator is for them, and a text everywhere.
func once(values []any, operator string) []any {
	seen, kept := map[string]bool{}, []any{}
	for _, value := range values {
		text := spelling(operator)(scalar(value))
		if seen[text] {
			continue
		}
		seen[text] = true
		if !strings.HasPrefix(operator, "Numeric") {
			value = text
		}
		kept = append(kept, value)
	}
	return kept
}
