package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	// foreignRoot holds, by slug, what policies in dialects are made of: `code` is their modules as they were written,
	// `document` the input and `inventory` the data that their engine would have given them.
	foreignRoot = "foreign"
	// dialectRoot holds what all adapters share.
	dialectRoot   = "dialects"
	inventoryName = "inventory"
	inventoryGone = "it looks at other objects of the cluster (data.inventory), and none are at hand"
)

// dialect is how another engine has its policies written: which of their rules answer, and how each answer is a finding.
type dialect struct {
	answers *regexp.Regexp
	example string
	finding string // Rego: an object made of `answer`; %q is the policy's title
}

var dialects = map[string]dialect{
	"gatekeeper": {
		answers: regexp.MustCompile(`^violation$`),
		example: `violation[{"msg": msg}] { … }`,
		finding: `{"path": "", "found": data.dialects.details(answer), "expected": null, "message": answer.msg}`,
	},
	"weave": {
		answers: regexp.MustCompile(`^violation$`),
		example: `violation[result] { … }`,
		finding: `{"path": data.dialects.violating_path(answer), "found": data.dialects.beside_occurrence(answer),
			"expected": data.dialects.recommended(answer), "message": data.dialects.occurrence(answer, %q)}`,
	},
	"conftest": {
		answers: regexp.MustCompile(`^(deny|violation)(_[a-zA-Z0-9]+)*$`),
		example: `deny contains msg if { … }`,
		finding: `{"path": "", "found": data.dialects.beside_msg(answer), "expected": null, "message": data.dialects.msg(answer)}`,
	},
	"conftest-warn": {
		answers: regexp.MustCompile(`^warn(_[a-zA-Z0-9]+)*$`),
		example: `warn contains msg if { … }`,
		finding: `{"path": "", "found": data.dialects.beside_msg(answer), "expected": null, "message": data.dialects.msg(answer)}`,
	},
}

// sharedAdapter takes answers apart. What is no text or no object is as the other engine would take it; a message that is
// none makes a malformed finding, which is an error as it is there.
const sharedAdapter = `package dialects

details(answer) := found if {
	found := object.get(answer, "details", null)
	not found == {}
} else := null

violating_path(answer) := path if {
	is_string(answer.violating_key)
	key := trim_prefix(trim_prefix(trim_left(answer.violating_key, "."), "input.review.object."), "review.object.")
	path := replace(replace(key, ".[", "["), "..", ".")
} else := ""

recommended(answer) := answer.recommended_value if is_object(answer)

recommended(answer) := null if not answer.recommended_value == answer.recommended_value

occurrence(answer, title) := answer.msg if {
	is_string(answer.msg)
} else := sprintf("%s in %s %s", [title, lower(input.review.kind.kind), input.review.name])

beside_occurrence(answer) := found if {
	is_object(answer)
	found := object.remove(answer, ["issue detected", "msg", "violating_key", "recommended_value"])
	not found == {}
} else := answer if {
	not is_object(answer)
} else := null

msg(answer) := answer if is_string(answer)

msg(answer) := object.get(answer, "msg", null) if is_object(answer)

beside_msg(answer) := found if {
	is_object(answer)
	found := object.remove(answer, ["msg"])
	not found == {}
} else := null
`

// foreign says whether the policy was written for another engine.
func (s source) foreign() bool {
	return s.Dialect != "" && s.Dialect != "native"
}

// unknown says which of a policy's dialect and version there is not.
func (s source) unknown() string {
	if _, ok := dialects[s.Dialect]; s.foreign() && !ok {
		return fmt.Sprintf("dialect %q is unknown", brief(s.Dialect))
	}
	if !slices.Contains([]string{"", "v0", "v1"}, s.Version) {
		return fmt.Sprintf("Rego version %q is unknown: v0 or v1", brief(s.Version))
	}
	return ""
}

// foreignScope is of the modules of one policy in a dialect: they see each other, and what their engine gives them. What
// they see moves below a root of the policy's own, so that two policies may use the same packages.
func foreignScope(src source, packages []ast.Ref) scope {
	s := scope{dialect: src.Dialect, anyInput: true, ownWith: true, slug: src.Slug, inventory: new(bool)}
	for _, written := range packages {
		if len(written) < 2 {
			continue
		}
		root := ast.Ref{written[0], written[1]}
		known := slices.ContainsFunc(s.packages, func(other ast.Ref) bool { return other.Equal(root) })
		if name, ok := written[1].Value.(ast.String); ok && !known {
			s.packages = append(s.packages, root)
			s.moves = append(s.moves, move{root, dataRef(foreignRoot, src.Slug, "code", string(name))})
		}
	}
	if src.Dialect == "gatekeeper" {
		s.packages = append(s.packages, dataRef(inventoryName))
	}
	return s
}

// foreignRef answers what a reference to the other engine's input or inventory becomes.
func (s scope) foreignRef(ref ast.Ref, loc *ast.Location) ast.Ref {
	input := func(keys ...string) ast.Ref {
		out := ast.Ref{ast.InputRootDocument}
		for _, key := range keys {
			out = append(out, ast.StringTerm(key))
		}
		return out
	}
	if ref.HasPrefix(dataRef(inventoryName)) {
		*s.inventory = true
		return relocate(dataRef(foreignRoot, s.slug, inventoryName), ref[2:], loc)
	}
	if !ref[0].Equal(ast.InputRootDocument) {
		return ref
	}
	if strings.HasPrefix(s.dialect, "conftest") {
		return relocate(input("review", "object"), ref[1:], loc)
	}
	var key ast.Value
	if len(ref) > 1 {
		key = ref[1].Value
	}
	switch name, named := key.(ast.String); {
	case name == "parameters":
		return relocate(input("params", s.slug), ref[2:], loc)
	case ref.HasPrefix(input("review", "_unstable", "namespace")):
		return relocate(input("review", "namespaceObject"), ref[4:], loc)
	case name == "review":
		return ref
	case named:
		// Theirs has no such member: neither has ours, whatever else it has.
		return relocate(input("absent"), ref[1:], loc)
	}
	return relocate(dataRef(foreignRoot, s.slug, "document"), ref[1:], loc)
}

// moveForeign takes a policy and its libraries to a root of its own, and makes the adapter that answers in its place.
func (s *sources) moveForeign(id string) (policyInfo, []problem) {
	src := s.byID[id]
	info := policyInfo{Slug: src.Slug, File: src.File, Rules: []string{}}
	meta, problems := readMetadata(s.modules[id], src)
	info.Metadata = meta
	if !slugPattern.MatchString(src.Slug) {
		return info, append(problems, checkPackage(s.modules[id], src)...)
	}
	written := foreignScope(src, s.foreignPackages(id))
	answering, wrong := foreignAnswers(s.modules[id], dialects[src.Dialect])
	problems = append(problems, wrong...)
	for _, module := range s.libs[id] {
		dropAnswers(s.modules[module], s.packages[id], src)
	}
	for _, module := range append([]string{id}, s.libs[id]...) {
		problems = append(problems, confine(s.modules[module], written)...)
		path := s.modules[module].Package
		path.Path = written.rewrite(path.Path, path.Location)
	}
	a := adapter{src: src, written: s.modules[id].Package.Path, answering: answering, inventory: *written.inventory}
	if meta != nil {
		a.title = meta.Title
	}
	for _, module := range append([]string{id}, s.libs[id]...) {
		a.excepts = a.excepts || s.modules[module].Package.Path.Equal(a.written) && defines(s.modules[module], "exception")
	}
	s.generate(src.Slug, a.modules())
	info.Rules = append(info.Rules, "violation")
	if a.inventory {
		info.Rules = append(info.Rules, "skipped")
	}
	return info, problems
}

// foreignPackages are the packages of a policy and its libraries as they were declared.
func (s *sources) foreignPackages(id string) []ast.Ref {
	packages := []ast.Ref{s.packages[id]}
	for _, lib := range s.libs[id] {
		packages = append(packages, s.packages[lib])
	}
	return packages
}

func (s *sources) generate(slug string, texts []string) {
	for index, text := range append(texts, sharedAdapter) {
		id := fmt.Sprintf("@generated/%s/%d", slug, index)
		if text == sharedAdapter {
			id = "@generated"
		}
		s.modules[id] = ast.MustParseModuleWithOpts(text, ast.ParserOptions{RegoVersion: ast.RegoV1})
	}
}

// foreignAnswers lists the rules that answer in a dialect; each has to be a set.
func foreignAnswers(module *ast.Module, d dialect) ([]string, []problem) {
	names := []string{}
	var problems []problem
	for _, rule := range module.Rules {
		name := ruleName(rule)
		if !d.answers.MatchString(name) {
			continue
		}
		if rule.Head.RuleKind() != ast.MultiValue || len(rule.Head.Ref()) != 1 {
			problems = append(problems, problemAt(rule.Location, "bylaw_rule_error",
				fmt.Sprintf("%s is not a set: write `%s`", name, d.example)))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		problems = append(problems, problemAt(module.Package.Location, "bylaw_rule_error",
			fmt.Sprintf("the policy has no rule `%s`: it could never fail", d.example)))
	}
	return names, problems
}

// dropAnswers leaves to a file beside the policy, in its package, what is not an answer: that file is another policy.
func dropAnswers(module *ast.Module, own ast.Ref, src source) {
	if !strings.HasPrefix(src.Dialect, "conftest") || !module.Package.Path.Equal(own) {
		return
	}
	module.Rules = slices.DeleteFunc(module.Rules, func(rule *ast.Rule) bool {
		name := ruleName(rule)
		return dialects["conftest"].answers.MatchString(name) || dialects["conftest-warn"].answers.MatchString(name)
	})
}

func defines(module *ast.Module, name string) bool {
	return slices.ContainsFunc(module.Rules, func(rule *ast.Rule) bool { return ruleName(rule) == name })
}

func ruleName(rule *ast.Rule) string {
	if ref := rule.Head.Ref(); len(ref) > 0 {
		return strings.Trim(ref[0].String(), `"`)
	}
	return string(rule.Head.Name)
}
