// SPDX-License-Identifier: AGPL-3.0-or-later

package loki

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// message calls take for each field of a protobuf message: number is for integers, raw for length-delimited fields.
func message(raw []byte, take func(field int, number uint64, raw []byte) error) error {
	for len(raw) > 0 {
		field, kind, size := protowire.ConsumeTag(raw)
		if size < 0 {
			return protowire.ParseError(size)
		}
		raw = raw[size:]
		var number uint64
		var inner []byte
		switch kind {
		case protowire.VarintType:
			number, size = protowire.ConsumeVarint(raw)
		case protowire.BytesType:
			inner, size = protowire.ConsumeBytes(raw)
		default:
			size = protowire.ConsumeFieldValue(field, kind, raw)
		}
		if size < 0 {
			return protowire.ParseError(size)
		}
		if err := take(int(field), number, inner); err != nil {
			return err
		}
		raw = raw[size:]
	}
	return nil
}

// pushRequest reads Loki's message logproto.PushRequest: streams = 1 {labels = 1, entries = 2}.
func pushRequest(raw []byte) (batches []batch, err error) {
	err = message(raw, func(field int, _ uint64, raw []byte) error {
		if field != 1 {
			return nil
		}
		next := batch{labels: map[string]string{}}
		batches = append(batches, next)
		return message(raw, func(field int, _ uint64, raw []byte) error {
			switch field {
			case 1:
				return selectorLabels(string(raw), next.labels)
			case 2:
				line, err := pushedEntry(raw)
				batches[len(batches)-1].lines = append(batches[len(batches)-1].lines, line)
				return err
			}
			return nil
		})
	})
	return batches, err
}

// selectorLabels reads labels that are written as a selector.
func selectorLabels(text string, labels map[string]string) error {
	tokens, err := scan(text)
	if err != nil {
		return bad("couldn't parse labels: %v", err)
	}
	all, err := (&parser{tokens: tokens}).selector()
	for _, one := range all {
		labels[one.name] = one.value
	}
	if err != nil {
		return bad("couldn't parse labels: %v", err)
	}
	return nil
}

// pushedEntry reads timestamp = 1 {seconds = 1, nanos = 2}, line = 2, structuredMetadata = 3 {name = 1, value = 2}.
func pushedEntry(raw []byte) (line entry, err error) {
	err = message(raw, func(field int, _ uint64, raw []byte) error {
		switch field {
		case 1:
			return message(raw, func(field int, number uint64, _ []byte) error {
				line.at += int64(number) * map[int]int64{1: 1e9, 2: 1}[field]
				return nil
			})
		case 2:
			line.line = string(raw)
		case 3:
			pair := map[int]string{}
			err := message(raw, func(field int, _ uint64, raw []byte) error {
				pair[field] = string(raw)
				return nil
			})
			if line.metadata == nil {
				line.metadata = map[string]string{}
			}
			line.metadata[pair[1]] = pair[2]
			return err
		}
		return nil
	})
	return line, err
}
