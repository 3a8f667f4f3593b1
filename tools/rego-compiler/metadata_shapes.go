package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

var (
	relatedNeeds = []string{"refines", "present", "complete"}
	relatedKeys  = []string{"name", "kind", "select", "fields", "need"}
)

// parameters checks the schema itself, that each property has a default, and that the default is a valid value.
func (r *metadataReader) parameters() map[string]any {
	empty := map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{}}
	value, given := r.custom["parameters"]
	if !given {
		return empty
	}
	schema, ok := value.(map[string]any)
	if !ok || schema["type"] != "object" {
		r.complain("parameters", "parameters is not a JSON Schema of type object")
		return empty
	}
	if message := callBuiltin("json.verify_schema", schema); message != "" {
		r.complain("parameters", "parameters is not a valid JSON Schema: "+message)
		return schema
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		r.complain("parameters", "parameters.properties is missing")
		return schema
	}
	for _, name := range util.KeysSorted(properties) {
		r.parameter(name, properties[name])
	}
	return schema
}

func (r *metadataReader) parameter(name string, value any) {
	property, ok := value.(map[string]any)
	if !ok {
		r.complain(name, fmt.Sprintf("parameter %s is not a JSON Schema", name))
		return
	}
	fallback, given := property["default"]
	if !given {
		r.complain(name, fmt.Sprintf("parameter %s has no default", name))
		return
	}
	wrapped := map[string]any{"type": "object", "properties": map[string]any{name: property}}
	if message := callBuiltin("json.match_schema", map[string]any{name: fallback}, wrapped); message != "" {
		r.complain(name, fmt.Sprintf("the default of parameter %s does not fit its own schema: %s", name, message))
	}
}

// callBuiltin asks one of OPA's schema functions, which answer [ok, detail]; the detail comes back when not ok.
func callBuiltin(name string, arguments ...any) string {
	terms := make([]*ast.Term, 0, len(arguments))
	for _, argument := range arguments {
		value, err := ast.InterfaceToValue(argument)
		if err != nil {
			return err.Error()
		}
		terms = append(terms, ast.NewTerm(value))
	}
	answer := ""
	err := topdown.GetBuiltin(name)(topdown.BuiltinContext{Capabilities: allowedCapabilities()}, terms, func(result *ast.Term) error {
		if pair, ok := result.Value.(*ast.Array); ok && !pair.Elem(0).Equal(ast.BooleanTerm(true)) {
			answer = schemaDetail(pair.Elem(1))
		}
		return nil
	})
	if err != nil {
		return err.Error()
	}
	return answer
}

func schemaDetail(term *ast.Term) string {
	value, err := ast.JSON(term.Value)
	if err != nil {
		return term.String()
	}
	if text, ok := value.(string); ok {
		return text
	}
	list, _ := value.([]any)
	var details []string
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok {
			details = append(details, fmt.Sprint(entry["error"]))
		}
	}
	slices.Sort(details)
	return strings.Join(details, "; ")
}

// related checks the declared relations (E7): which other objects a policy looks at, and how they are selected.
func (r *metadataReader) related() []any {
	list := r.list("related")
	names := map[string]bool{}
	for _, item := range list {
		entry, ok := item.(map[string]any)
		if !ok {
			r.complain("related", "related: an entry is not an object")
			continue
		}
		name, _ := entry["name"].(string)
		if name == "" || names[name] {
			r.complain("related", "related: name is missing or given twice")
		}
		names[name] = true
		r.relation(name, entry)
	}
	return list
}

func (r *metadataReader) relation(name string, entry map[string]any) {
	for key := range entry {
		if !slices.Contains(relatedKeys, key) {
			r.complain(key, fmt.Sprintf("related %s: unknown key %s: one of %s", name, key, strings.Join(relatedKeys, ", ")))
		}
	}
	for _, kind := range relatedKinds(entry["kind"]) {
		if !kindPattern.MatchString(kind) {
			r.complain("related", fmt.Sprintf("related %s: kind %q is neither Kind nor group/Kind", name, kind))
		}
	}
	if need, _ := entry["need"].(string); !slices.Contains(relatedNeeds, need) {
		r.complain("related", fmt.Sprintf("related %s: need %v: one of %s", name, shown(entry["need"]), strings.Join(relatedNeeds, ", ")))
	}
	if entry["select"] == nil {
		r.complain("related", fmt.Sprintf("related %s: select is missing", name))
	}
}

func relatedKinds(value any) []string {
	switch kind := value.(type) {
	case string:
		return []string{kind}
	case []any:
		out := make([]string, 0, len(kind))
		for _, item := range kind {
			out = append(out, fmt.Sprint(item))
		}
		return out
	}
	encoded, _ := json.Marshal(value)
	return []string{string(encoded)}
}
