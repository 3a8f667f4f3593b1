package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/util"
)

// What a policy may say of itself, whether in its annotation or beside its source. The maxima that
// libs/contracts/src/policy-authoring.contract.ts has too are the same there: libs/policies/src/metadata-limits.spec.ts
// tries each on both. Texts are counted in code points, as there.
const (
	maxTitle        = 200
	maxProse        = 20_000 // description and remediation, each
	maxKinds        = 100
	maxKind         = 317
	maxStandards    = 100
	maxFramework    = 100
	maxSection      = 200
	maxRelated      = 20
	maxRelationName = 120
	// maxRelationKinds, maxSelect, maxPaths and maxFields bound what one relation looks up for each object.
	maxRelationKinds = 20
	maxSelect        = 500
	maxPaths         = 10
	maxFields        = 100
	maxSchemaBytes   = 64 << 10
	maxShown         = 120 // of a value in a message
)

// references are keywords that make a schema larger than it is written, or send its reader elsewhere: a chain of forty
// `$defs` that each name the next twice takes 2⁴⁰ steps.
var references = []string{"$ref", "$dynamicRef", "$recursiveRef", "$defs", "definitions"}

// dataKeywords hold values, not schemas.
var dataKeywords = []string{"default", "enum", "const", "examples"}

// namedSchemas hold schemas by names that are their author's to choose.
var namedSchemas = []string{"properties", "patternProperties", "dependentSchemas"}

func (r *metadataReader) refuseLong(what, text string, limit int, path ...string) {
	if length := utf8.RuneCountInString(text); length > limit {
		r.complain(fmt.Sprintf("%s has %d characters: at most %d", what, length, limit), path...)
	}
}

func (r *metadataReader) refuseMany(what string, list []any, limit int, path ...string) []any {
	if len(list) > limit {
		r.complain(fmt.Sprintf("%s has %d entries: at most %d", what, len(list), limit), path...)
	}
	return list[:min(len(list), limit)]
}

// checkCharacters refuses NUL, which YAML can write and no database keeps.
func (r *metadataReader) checkCharacters() {
	for _, key := range util.KeysSorted(r.values) {
		if slices.Contains(slices.Concat(annotationKeys, customKeys), key) && holdsNUL(r.values[key]) {
			r.complain(key+" holds NUL, which is no character", key)
		}
	}
}

func holdsNUL(value any) bool {
	switch value := value.(type) {
	case string:
		return strings.ContainsRune(value, 0)
	case []any:
		return slices.ContainsFunc(value, holdsNUL)
	case map[string]any:
		for key, item := range value {
			if holdsNUL(key) || holdsNUL(item) {
				return true
			}
		}
	}
	return false
}

// beyondSchemaLimits says why a parameter schema is not even looked at; empty where it is.
func beyondSchemaLimits(schema map[string]any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(schema); err != nil {
		return err.Error()
	}
	if text.Len() > maxSchemaBytes {
		return fmt.Sprintf("the schema has %d bytes: at most %d (64 KiB)", text.Len(), maxSchemaBytes)
	}
	if keyword := referenceIn(schema); keyword != "" {
		return keyword + " is not taken in a parameter schema: write what it stands for in its place"
	}
	return ""
}

func referenceIn(value any) string {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			if found := referenceIn(item); found != "" {
				return found
			}
		}
	case map[string]any:
		return referenceInSchema(value)
	}
	return ""
}

func referenceInSchema(schema map[string]any) string {
	for _, key := range util.KeysSorted(schema) {
		named, isMap := schema[key].(map[string]any)
		switch {
		case slices.Contains(references, key):
			return key
		case slices.Contains(dataKeywords, key):
		case isMap && slices.Contains(namedSchemas, key):
			for _, name := range util.KeysSorted(named) {
				if found := referenceIn(named[name]); found != "" {
					return found
				}
			}
		default:
			if found := referenceIn(schema[key]); found != "" {
				return found
			}
		}
	}
	return ""
}
