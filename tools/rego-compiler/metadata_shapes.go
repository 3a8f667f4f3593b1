package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

var (
	relatedNeeds = []string{"refines", "present", "complete"}
	relatedKeys  = []string{"name", "kind", "select", "fields", "need"}
	// selectPattern is of paths like `spec.rules[].host` and `@pod.volumes[].name`.
	selectPattern = regexp.MustCompile(strings.ReplaceAll(
		`^(same_namespace|ref\(PATH\)|cluster\(index: *PATH(, *PATH)*\))$`,
		"PATH", `(@pod|[A-Za-z_][A-Za-z0-9_-]*)(\.[A-Za-z_][A-Za-z0-9_-]*|\[\])*`))
	// inventoryPattern is of names of namespaces like `kube-*`. Only who wrote for another engine had no other choice than to
	// look through everything.
	inventoryPattern = regexp.MustCompile(strings.ReplaceAll(
		`^inventory(\(except: *SPACE(, *SPACE)*\))?$`, "SPACE", `(\*?[-:a-z0-9]+\*?|\*)`))
)

const selectForms = "same_namespace, ref(<path>), cluster(index: <path>, …); a path is keys joined by dots, " +
	"[] behind a list for each of its items, @pod for the pod spec"

// parameters checks the schema itself, that each property has a default, and that the default is a valid value.
func (r *metadataReader) parameters() map[string]any {
	empty := map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{}}
	value, given := r.values["parameters"]
	if !given {
		return empty
	}
	schema, ok := value.(map[string]any)
	if !ok || schema["type"] != "object" {
		r.complain("parameters is not a JSON Schema of type object", "parameters")
		return empty
	}
	if message := beyondSchemaLimits(schema); message != "" {
		r.complain("parameters: "+message, "parameters")
		return empty
	}
	if message := callBuiltin("json.verify_schema", schema); message != "" {
		r.complain("parameters is not a valid JSON Schema: "+message, "parameters")
		return schema
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok && r.foreign && schema["properties"] == nil {
		return schema
	}
	if !ok {
		r.complain("parameters.properties is missing", "parameters")
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
		r.complain(fmt.Sprintf("parameter %s is not a JSON Schema", name), "parameters", "properties", name)
		return
	}
	fallback, given := property["default"]
	if !given && r.foreign {
		return // absent where it is not given, as in its own engine
	}
	if !given {
		r.complain(fmt.Sprintf("parameter %s has no default", name), "parameters", "properties", name)
		return
	}
	wrapped := map[string]any{"type": "object", "properties": map[string]any{name: property}}
	if message := callBuiltin("json.match_schema", map[string]any{name: fallback}, wrapped); message != "" {
		r.complain(fmt.Sprintf("the default of parameter %s does not fit its own schema: %s", name, message), "parameters", "properties", name)
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
	list := r.list("related", maxRelated)
	names := map[string]bool{}
	for index, item := range list {
		at := strconv.Itoa(index)
		entry, ok := item.(map[string]any)
		if !ok {
			r.complain("related: an entry is not an object", "related", at)
			continue
		}
		name, _ := entry["name"].(string)
		if name == "" || names[name] {
			r.complain("related: name is missing or given twice", "related", at, "name")
		}
		r.refuseLong("related: name", name, maxRelationName, "related", at, "name")
		names[name] = true
		r.relation(at, name, entry)
	}
	return list
}

func (r *metadataReader) relation(at, name string, entry map[string]any) {
	complain := func(key, format string, values ...any) {
		r.complain(fmt.Sprintf("related %s: ", brief(name))+fmt.Sprintf(format, values...), "related", at, key)
	}
	for _, key := range util.KeysSorted(entry) {
		if !slices.Contains(relatedKeys, key) {
			complain(key, "unknown key %s: one of %s", brief(key), strings.Join(relatedKeys, ", "))
		}
	}
	kinds := relatedKinds(entry["kind"])
	if len(kinds) > maxRelationKinds {
		complain("kind", "%d kinds: at most %d", len(kinds), maxRelationKinds)
	}
	for _, kind := range kinds[:min(len(kinds), maxRelationKinds)] {
		if !kindPattern.MatchString(kind) || utf8.RuneCountInString(kind) > maxKind {
			complain("kind", "kind %q is neither Kind nor group/Kind", brief(kind))
		}
	}
	if need, _ := entry["need"].(string); !slices.Contains(relatedNeeds, need) {
		complain("need", "need %v: one of %s", shown(entry["need"]), strings.Join(relatedNeeds, ", "))
	}
	text, _ := entry["select"].(string)
	paths := strings.Count(text, ",") + 1
	switch {
	case entry["select"] == nil:
		complain("select", "select is missing: one of %s", selectForms)
	case utf8.RuneCountInString(text) > maxSelect || paths > maxPaths:
		complain("select", "select is at most %d characters with at most %d paths", maxSelect, maxPaths)
	case r.foreign && inventoryPattern.MatchString(text):
	case !selectPattern.MatchString(text):
		complain("select", "select %q is none of %s", brief(entry["select"]), selectForms)
	}
	r.fields(at, name, entry)
}

// fields checks which parts of the other object are looked at: paths as in select.
func (r *metadataReader) fields(at, name string, entry map[string]any) {
	list, ok := entry["fields"].([]any)
	if entry["fields"] == nil || ok && len(list) <= maxFields && !slices.ContainsFunc(list, tooLongPath) {
		return
	}
	r.complain(fmt.Sprintf("related %s: fields is not a list of at most %d paths of at most %d characters", brief(name), maxFields,
		maxSelect), "related", at, "fields")
}

func tooLongPath(field any) bool {
	text, ok := field.(string)
	return !ok || utf8.RuneCountInString(text) > maxSelect
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
