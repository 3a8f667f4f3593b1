// Dialect oracle: what Gatekeeper's driver, conftest's engine and OPA as Weave's agent calls it answer to the cases in
// libs/engine/src/testdata/dialect-cases.yaml. Its answers are kept beside them; Bylaw's are held to them there.
//
//	go run . CASES.yaml >ANSWERS.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-policy-agent/conftest/policy"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego/schema"
	"github.com/open-policy-agent/frameworks/constraint/pkg/core/templates"
	"github.com/open-policy-agent/opa/v1/ast"
	oparego "github.com/open-policy-agent/opa/v1/rego"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// subject is what a policy is asked about.
type subject struct {
	Object     map[string]any   `json:"object"`
	Parameters map[string]any   `json:"parameters"`
	Inventory  []map[string]any `json:"inventory"`
}

// dialectCase is a policy, and the subjects that it is asked about.
type dialectCase struct {
	Name     string    `json:"name"`
	Dialect  string    `json:"dialect"`
	Version  string    `json:"rego_version"`
	Title    string    `json:"title"`
	Rego     string    `json:"rego"`
	Libs     []string  `json:"libs"`
	Subjects []subject `json:"subjects"`
}

// answer is one thing that was found.
type answer struct {
	Message  string `json:"message"`
	Path     string `json:"path,omitempty"`
	Expected any    `json:"expected,omitempty"`
	Found    any    `json:"found,omitempty"`
}

func main() {
	raw, err := os.ReadFile(os.Args[1])
	check(err)
	var cases []dialectCase
	check(yaml.UnmarshalStrict(raw, &cases))
	out := map[string][][]answer{}
	for _, one := range cases {
		for _, asked := range one.Subjects {
			found := ask(one, asked)
			slices.SortFunc(found, func(a, b answer) int { return strings.Compare(text(a), text(b)) })
			out[one.Name] = append(out[one.Name], found)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(out))
}

func ask(one dialectCase, asked subject) []answer {
	switch one.Dialect {
	case "gatekeeper":
		return gatekeeper(one, asked)
	case "weave":
		return weave(one, asked)
	}
	return conftest(one, asked)
}

func review(object map[string]any) map[string]any {
	u := unstructured.Unstructured{Object: object}
	kind := u.GroupVersionKind()
	out := map[string]any{
		"kind":   map[string]any{"group": kind.Group, "version": kind.Version, "kind": kind.Kind},
		"name":   u.GetName(),
		"object": object,
	}
	if u.GetNamespace() != "" {
		out["namespace"] = u.GetNamespace()
	}
	return out
}

const target = "admission.k8s.gatekeeper.sh"

func gatekeeper(one dialectCase, asked subject) []answer {
	ctx := context.Background()
	driver, err := rego.New()
	check(err)
	source := (&schema.Source{Rego: one.Rego, Version: one.Version, Libs: one.Libs}).ToUnstructured()
	template := &templates.ConstraintTemplate{}
	template.Spec.CRD.Spec.Names.Kind = "Case"
	template.Spec.Targets = []templates.Target{{
		Target: target,
		Code:   []templates.Code{{Engine: schema.Name, Source: &templates.Anything{Value: source}}},
	}}
	check(driver.AddTemplate(ctx, template))
	constraint := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "Case", "metadata": map[string]any{"name": "case"},
		"spec": map[string]any{"parameters": asked.Parameters},
	}}
	if asked.Parameters == nil {
		constraint.Object["spec"] = map[string]any{}
	}
	check(driver.AddConstraint(ctx, constraint))
	for _, object := range asked.Inventory {
		u := unstructured.Unstructured{Object: object}
		path := []string{"cluster", u.GetAPIVersion(), u.GetKind(), u.GetName()}
		if u.GetNamespace() != "" {
			path = []string{"namespace", u.GetNamespace(), u.GetAPIVersion(), u.GetKind(), u.GetName()}
		}
		check(driver.AddData(ctx, target, path, object))
	}
	response, err := driver.Query(ctx, target, []*unstructured.Unstructured{constraint}, review(asked.Object))
	check(err)
	found := []answer{}
	for _, result := range response.Results {
		one := answer{Message: result.Msg}
		if details, _ := result.Metadata["details"].(map[string]any); len(details) > 0 {
			one.Found = details
		}
		found = append(found, one)
	}
	return found
}

// weave asks as Weave's agent does: the module's own rule, its parameters by name, a message where the answer has none.
func weave(one dialectCase, asked subject) []answer {
	module, err := ast.ParseModuleWithOpts("", one.Rego, ast.ParserOptions{RegoVersion: ast.RegoV0})
	check(err)
	results, err := oparego.New(
		oparego.Query(module.Package.Path.String()+".violation"),
		oparego.ParsedModule(module),
		oparego.SetRegoVersion(ast.RegoV0),
		oparego.Input(map[string]any{"review": review(asked.Object), "parameters": asked.Parameters}),
	).Eval(context.Background())
	check(err)
	object := unstructured.Unstructured{Object: asked.Object}
	found := []answer{}
	for _, result := range results {
		list, _ := result.Expressions[0].Value.([]any)
		for _, item := range list {
			one := answer{Message: fmt.Sprintf("%s in %s %s", one.Title, strings.ToLower(object.GetKind()), object.GetName())}
			if members, ok := item.(map[string]any); ok {
				if message, ok := members["msg"].(string); ok {
					one.Message = message
				}
				one.Path, _ = members["violating_key"].(string)
				one.Expected = members["recommended_value"]
			}
			found = append(found, one)
		}
	}
	return found
}

func conftest(one dialectCase, asked subject) []answer {
	folder, err := os.MkdirTemp("", "dialect-oracle-")
	check(err)
	defer os.RemoveAll(folder)
	for index, source := range append([]string{one.Rego}, one.Libs...) {
		check(os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.rego", index)), []byte(source), 0o600))
	}
	version := one.Version
	if version == "" {
		version = "v1"
	}
	capabilities, err := policy.LoadCapabilities("")
	check(err)
	engine, err := policy.Load([]string{folder}, policy.CompilerOptions{RegoVersion: version, Capabilities: capabilities})
	check(err)
	module, err := ast.ParseModuleWithOpts("", one.Rego, ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		module, err = ast.ParseModuleWithOpts("", one.Rego, ast.ParserOptions{RegoVersion: ast.RegoV0})
		check(err)
	}
	namespace := strings.TrimPrefix(module.Package.Path.String(), "data.")
	results, err := engine.Check(context.Background(), map[string]any{"object.yaml": asked.Object}, namespace)
	check(err)
	found := []answer{}
	for _, result := range results {
		list := result.Failures
		if one.Dialect == "conftest-warn" {
			list = result.Warnings
		}
		for _, item := range list {
			one := answer{Message: item.Message}
			delete(item.Metadata, "query")
			if len(item.Metadata) > 0 {
				one.Found = item.Metadata
			}
			found = append(found, one)
		}
	}
	return found
}

func text(one answer) string {
	out, err := json.Marshal(one)
	check(err)
	return string(out)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
