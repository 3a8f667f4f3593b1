package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// scope says what a module may refer to (H1) and what its references become.
type scope struct {
	packages  []ast.Ref // packages under data that it may name, beside data.lib
	inputs    []string  // first keys of input that it may read
	anyInput  bool      // tests set the whole input by `with input as`
	ownWith   bool      // `with` may replace only what its packages define
	moves     []move
	dialect   string // of foreign policies, whose input is another
	inventory *bool  // set where one of them refers to data.inventory
	slug      string // whose parameters and related objects are read
	readsSlug bool   // rewrite input.parameters and input.related
}

// move says that references below from go below to.
type move struct{ from, to ast.Ref }

func policyScope(src source, written ast.Ref) scope {
	own := dataRef(authorRoot, packageName(src.Slug))
	if src.OwnPackage {
		own = written
	}
	return scope{
		packages:  []ast.Ref{own},
		inputs:    []string{"review", "parameters", "related", "context"},
		ownWith:   src.OwnPackage,
		moves:     []move{{own, dataRef(movedRoot, src.Slug)}},
		slug:      src.Slug,
		readsSlug: true,
	}
}

// unmoved is for tests, which run on the modules as they were written. Packages of the author's choice move even then:
// two authors may choose the same.
func (s scope) unmoved(src source) scope {
	s.readsSlug, s.dialect, s.ownWith = false, "", s.ownWith && s.dialect == ""
	if !src.OwnPackage && !src.foreign() {
		s.moves = nil
	}
	return s
}

func libraryScope() scope {
	return scope{inputs: []string{"review", "context"}}
}

// testScope is of a test of the policy that was written in the package written.
func testScope(src source, policy source, written, test ast.Ref) scope {
	s := scope{anyInput: true}
	switch {
	case policy.OwnPackage:
		s.packages = []ast.Ref{written, test}
		s.moves = []move{{written, dataRef(movedRoot, src.Slug)}, {test, dataRef(movedRoot, src.Slug+"_test")}}
	case src.Slug != "":
		name := packageName(src.Slug)
		s.packages = []ast.Ref{dataRef(authorRoot, name), dataRef(authorRoot, name+"_test")}
	}
	return s
}

// foreignTestScope is of a test of a policy in a dialect: it sets input and inventory by `with` as they are there.
func foreignTestScope(src source, packages []ast.Ref) scope {
	return foreignScope(src, packages).unmoved(src)
}

// confine checks every reference of a module against its scope and rewrites those that move. Locations stay.
func confine(module *ast.Module, s scope) []problem {
	problems, refused := s.refuseWiths(module)
	unnamed := map[*ast.Term]bool{}
	for _, imported := range module.Imports {
		s.nameImport(imported)
		// `import input` gives the name that is there anyway.
		ref, ok := imported.Path.Value.(ast.Ref)
		unnamed[imported.Path] = ok && len(ref) == 1 && imported.Alias == "" && s.dialect != ""
	}
	ast.WalkTerms(module, func(term *ast.Term) bool {
		ref, ok := rootRef(term)
		if !ok || refused[term] || unnamed[term] {
			return false
		}
		if message := s.refuse(ref); message != "" {
			problems = append(problems, problemAt(term.Location, "bylaw_reference_error", message))
		} else {
			term.Value = s.rewrite(ref, term.Location)
		}
		return false
	})
	return problems
}

// refuseWiths looks for `with` on what belongs to others: input, the shared library, functions of OPA.
func (s scope) refuseWiths(module *ast.Module) ([]problem, map[*ast.Term]bool) {
	var problems []problem
	refused := map[*ast.Term]bool{}
	if !s.ownWith {
		return nil, refused
	}
	names := map[string]ast.Ref{}
	own := func(ref ast.Ref) bool {
		return slices.ContainsFunc(s.packages, func(root ast.Ref) bool {
			return ref.HasPrefix(root) && !root.Equal(dataRef(inventoryName))
		})
	}
	for _, rule := range module.Rules {
		if ref := rule.Head.Ref(); len(ref) > 0 {
			names[ref[0].String()] = s.packages[0]
		}
	}
	for _, imported := range module.Imports {
		if ref, ok := imported.Path.Value.(ast.Ref); ok {
			names[string(imported.Name())] = ref
		}
	}
	ast.WalkWiths(module, func(with *ast.With) bool {
		ref, ok := with.Target.Value.(ast.Ref)
		if !ok {
			ref = ast.Ref{with.Target}
		}
		if names[ref[0].String()] != nil {
			ref = names[ref[0].String()].Concat(ref[1:])
		}
		if !own(ref) {
			refused[with.Target] = true
			problems = append(problems, problemAt(with.Target.Location, "bylaw_reference_error", fmt.Sprintf(
				"`with` can't replace %v: only what the policy defines itself", with.Target)))
		}
		return false
	})
	return problems, refused
}

// nameImport keeps the name an import had before its path is rewritten.
func (s scope) nameImport(imported *ast.Import) {
	ref, ok := imported.Path.Value.(ast.Ref)
	if !ok || imported.Alias != "" || len(ref) < 2 || len(s.moves) == 0 {
		return
	}
	if last, ok := ref[len(ref)-1].Value.(ast.String); ok {
		imported.Alias = ast.Var(last)
	}
}

// rootRef answers references that start at input or data; the parser makes a reference of either name standing alone.
func rootRef(term *ast.Term) (ast.Ref, bool) {
	ref, ok := term.Value.(ast.Ref)
	if !ok || len(ref) == 0 {
		return nil, false
	}
	return ref, ast.RootDocumentNames.Contains(ref[0])
}

// unknownNames finds references to what the shared library does not have: OPA takes them as data that may come, so that
// they would be undefined for ever. Modules are compiled, so that names of imports are resolved.
func unknownNames(compiler *ast.Compiler, ids []string) []problem {
	var problems []problem
	for _, id := range ids {
		ast.WalkRefs(compiler.Modules[id], func(ref ast.Ref) bool {
			if missing := unknownPart(compiler.RuleTree, ref); missing > 0 {
				problems = append(problems, problemAt(ref[missing].Location, "bylaw_reference_error",
					fmt.Sprintf("the shared library has no %v", ref[:missing+1])))
			}
			return false
		})
	}
	return problems
}

// unknownPart answers the index of the first part below data.lib that names neither a package nor a rule; 0 where all do.
func unknownPart(node *ast.TreeNode, ref ast.Ref) int {
	if len(ref) < 3 || !ref.HasPrefix(dataRef(libraryRoot)) {
		return 0
	}
	for i, part := range ref {
		key, ok := part.Value.(ast.String)
		if i > 0 && !ok {
			return 0
		}
		if i == 0 {
			node = node.Child(ast.DefaultRootDocument.Value)
		} else {
			node = node.Child(key)
		}
		if node == nil {
			return max(i, 2) // a library of which nothing is reached is not there at all
		}
		if len(node.Values) > 0 {
			return 0
		}
	}
	return 0
}

// refuse says why a reference is not allowed; an empty text allows it.
func (s scope) refuse(ref ast.Ref) string {
	if ref[0].Equal(ast.InputRootDocument) {
		return s.refuseInput(ref)
	}
	if s.dialect == "" && len(ref) > 1 && ref[1].Equal(ast.StringTerm(libraryRoot)) {
		return ""
	}
	for _, allowed := range s.packages {
		if ref.HasPrefix(allowed) {
			return ""
		}
	}
	names := []string{}
	if s.dialect == "" {
		names = append(names, "data."+libraryRoot)
	}
	for _, allowed := range s.packages {
		names = append(names, allowed.String())
	}
	return fmt.Sprintf("%v is out of reach: only %s may be referred to", ref, strings.Join(names, " and "))
}

func (s scope) refuseInput(ref ast.Ref) string {
	if s.anyInput {
		return ""
	}
	if len(ref) > 1 {
		if key, ok := ref[1].Value.(ast.String); ok {
			for _, allowed := range s.inputs {
				if string(key) == allowed {
					return ""
				}
			}
		}
	}
	return fmt.Sprintf("%v can't be read here: only input.%s", ref, strings.Join(s.inputs, ", input."))
}

func (s scope) rewrite(ref ast.Ref, loc *ast.Location) ast.Ref {
	for _, m := range s.moves {
		if ref.HasPrefix(m.from) {
			return relocate(m.to, ref[len(m.from):], loc)
		}
	}
	if s.dialect != "" {
		return s.foreignRef(ref, loc)
	}
	if !s.readsSlug || len(ref) < 2 || !ref[0].Equal(ast.InputRootDocument) {
		return ref
	}
	switch ref[1].Value {
	case ast.String("parameters"):
		return relocate(ast.Ref{ast.InputRootDocument, ast.StringTerm("params"), ast.StringTerm(s.slug)}, ref[2:], loc)
	case ast.String("related"):
		return relocate(ast.Ref{ast.InputRootDocument, ast.StringTerm("related"), ast.StringTerm(s.slug)}, ref[2:], loc)
	}
	return ref
}

func relocate(prefix ast.Ref, rest ast.Ref, loc *ast.Location) ast.Ref {
	out := make(ast.Ref, 0, len(prefix)+len(rest))
	for _, term := range prefix {
		out = append(out, &ast.Term{Value: term.Value, Location: loc})
	}
	return append(out, rest...)
}
