package main

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
)

var (
	answerRules = []string{"violation", "skipped", "not_applicable"}
	// reservedRoots are where the shared library, moved policies and the entry point live.
	reservedRoots = []string{libraryRoot, movedRoot, foreignRoot, dialectRoot, entryName}
	slugPattern   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

type policyInfo struct {
	Slug     string    `json:"slug"`
	File     string    `json:"file"`
	Rules    []string  `json:"rules"`
	Metadata *metadata `json:"metadata"`
}

// check says everything that is wrong with the policies, without making a module.
func check(req request) response {
	_, res := prepare(req)
	return res
}

// placeholder stands for each module's text, which OPA formats after compiling and nobody reads.
var placeholder = []byte("package placeholder")

// compileWasm makes one module of all policies, with the single entry point bylaw_entry/verdicts.
func compileWasm(req request) response {
	s, res := prepare(req)
	if !res.OK {
		return res
	}
	b := &bundle.Bundle{Data: map[string]any{}}
	b.Manifest.Init()
	for _, id := range slices.Sorted(maps.Keys(s.modules)) {
		divertReplace(s.modules[id])
		b.Modules = append(b.Modules, bundle.ModuleFile{URL: id, Path: id, Parsed: s.modules[id], Raw: placeholder})
	}
	c := compile.New().
		WithCapabilities(moduleCapabilities()).
		WithRegoVersion(ast.RegoV1).
		WithTarget(compile.TargetWasm).
		WithEntrypoints(entryPoint).
		WithBundle(b)
	if err := c.Build(context.Background()); err != nil {
		return response{Errors: s.settle(problemsOf(err))}
	}
	res.Wasm = c.Bundle().WasmModules[0].Raw
	return res
}

// prepare parses, confines, moves and type-checks; the answer lists the problems or the policies.
func prepare(req request) (*sources, response) {
	s := parse(req)
	infos := make([]policyInfo, 0, len(s.policies))
	for _, id := range s.lib {
		s.problems = append(s.problems, checkLibrary(s.modules[id])...)
	}
	for _, id := range s.policies {
		info, problems := s.move(id)
		s.problems = append(s.problems, problems...)
		infos = append(infos, info)
	}
	slices.SortFunc(infos, func(a, b policyInfo) int { return strings.Compare(a.Slug, b.Slug) })
	s.modules[entryName] = entryModule(infos)
	compiler := newCompiler(false)
	compiler.Compile(s.modules)
	if compiler.Failed() {
		s.problems = append(s.problems, problemsOf(compiler.Errors)...)
	}
	if len(s.problems) == 0 {
		s.problems = unknownNames(compiler, s.policies)
	}
	if len(s.problems) > 0 {
		return s, response{Errors: s.settle(s.problems)}
	}
	return s, response{OK: true, Policies: infos, Builtins: hostBuiltinsUsed(compiler)}
}

// newCompiler reports every error, not only OPA's first ten.
func newCompiler(prints bool) *ast.Compiler {
	return ast.NewCompiler().WithCapabilities(allowedCapabilities()).SetErrorLimit(0).WithEnablePrintStatements(prints)
}

func checkLibrary(module *ast.Module) []problem {
	problems := confine(module, libraryScope())
	path := module.Package.Path
	if len(path) < 3 || !path[1].Equal(ast.StringTerm(libraryRoot)) {
		problems = append(problems, problemAt(module.Package.Location, "bylaw_package_error",
			fmt.Sprintf("package %s of the shared library is not lib.<name>", module.Package)))
	}
	return problems
}

func (s *sources) move(id string) (policyInfo, []problem) {
	if s.byID[id].foreign() {
		return s.moveForeign(id)
	}
	return movePolicy(s.modules[id], s.byID[id])
}

// movePolicy takes the policy from its author's package to data.policies[slug] and reads what it answers with.
func movePolicy(module *ast.Module, src source) (policyInfo, []problem) {
	info := policyInfo{Slug: src.Slug, File: src.File, Rules: []string{}}
	meta, problems := readMetadata(module, src)
	info.Metadata = meta
	problems = append(problems, checkPackage(module, src)...)
	problems = append(problems, confine(module, policyScope(src, module.Package.Path))...)
	module.Package.Path = relocate(dataRef(movedRoot, src.Slug), nil, module.Package.Location)
	rules, wrong := answers(module)
	info.Rules = rules
	return info, append(problems, wrong...)
}

// checkPackage says whether a policy is written where it may be.
func checkPackage(module *ast.Module, src source) []problem {
	complaint := func(format string, values ...any) []problem {
		return []problem{problemAt(module.Package.Location, "bylaw_package_error", fmt.Sprintf(format, values...))}
	}
	if !slugPattern.MatchString(src.Slug) {
		return complaint("slug %q is not lower-case letters, digits and dashes", src.Slug)
	}
	wanted, path := dataRef(authorRoot, packageName(src.Slug)), module.Package.Path
	name := strings.TrimPrefix(module.Package.String(), "package ")
	if !src.OwnPackage && !src.foreign() && !path.Equal(wanted) {
		return complaint("package is %s: policy %s is written in package %s", name, src.Slug,
			strings.TrimPrefix(wanted.String(), "data."))
	}
	if root, ok := path[min(1, len(path)-1)].Value.(ast.String); src.OwnPackage && ok && slices.Contains(reservedRoots, string(root)) {
		return complaint("package %s can't be used: packages below %s are Bylaw's own", name, strings.Join(reservedRoots, ", "))
	}
	return nil
}

// answers lists which of violation, skipped and not_applicable a policy defines; each has to be a set of findings.
func answers(module *ast.Module) ([]string, []problem) {
	found := map[string]bool{}
	var problems []problem
	for _, rule := range module.Rules {
		name := ruleName(rule)
		if !slices.Contains(answerRules, name) {
			continue
		}
		found[name] = true
		if rule.Head.RuleKind() != ast.MultiValue || len(rule.Head.Ref()) != 1 {
			problems = append(problems, problemAt(rule.Location, "bylaw_rule_error",
				fmt.Sprintf("%s is not a set: write `%s contains … if …`", name, name)))
		}
	}
	if !found["violation"] {
		problems = append(problems, problemAt(module.Package.Location, "bylaw_rule_error",
			"the policy has no rule `violation contains … if …`: it could never fail"))
	}
	return slices.DeleteFunc(slices.Clone(answerRules), func(name string) bool { return !found[name] }), problems
}

// entryModule judges an object by every policy that has an entry in input.params. No `with`: it would cost the cache
// of the shared library's rules (E4).
func entryModule(infos []policyInfo) *ast.Module {
	var text strings.Builder
	text.WriteString("package " + entryName + "\n")
	for _, info := range infos {
		if !slugPattern.MatchString(info.Slug) {
			continue
		}
		members := make([]string, 0, len(info.Rules))
		for _, rule := range info.Rules {
			members = append(members, fmt.Sprintf("%q: data.%s[%q].%s", rule, movedRoot, info.Slug, rule))
		}
		fmt.Fprintf(&text, "verdicts[%q] := {%s} if input.params[%q]\n", info.Slug, strings.Join(members, ", "), info.Slug)
	}
	if !strings.Contains(text.String(), "verdicts") {
		text.WriteString("verdicts := {}\n")
	}
	return ast.MustParseModuleWithOpts(text.String(), ast.ParserOptions{RegoVersion: ast.RegoV1})
}
