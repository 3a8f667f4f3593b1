package main

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// scope says what a module may refer to (H1) and what its references become.
type scope struct {
	packages  []ast.Ref // packages under data that it may name, beside data.lib
	inputs    []string  // first keys of input that it may read
	anyInput  bool      // tests set the whole input by `with input as`
	moveFrom  ast.Ref   // references below moveFrom go to moveTo; nil keeps them
	moveTo    ast.Ref
	slug      string // whose parameters and related objects are read
	readsSlug bool   // rewrite input.parameters and input.related
}

func policyScope(slug string, move bool) scope {
	own := dataRef(authorRoot, packageName(slug))
	s := scope{packages: []ast.Ref{own}, inputs: []string{"review", "parameters", "related", "context"}, slug: slug}
	if move {
		s.moveFrom, s.moveTo, s.readsSlug = own, dataRef(movedRoot, slug), true
	}
	return s
}

func libraryScope() scope {
	return scope{inputs: []string{"review", "context"}}
}

func testScope(slug string) scope {
	s := scope{anyInput: true}
	if slug != "" {
		name := packageName(slug)
		s.packages = []ast.Ref{dataRef(authorRoot, name), dataRef(authorRoot, name+"_test")}
	}
	return s
}

// confine checks every reference of a module against its scope and rewrites those that move. Locations stay.
func confine(module *ast.Module, s scope) []problem {
	var problems []problem
	for _, imported := range module.Imports {
		s.nameImport(imported)
	}
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if ref, ok := rootRef(term); ok {
			if message := s.refuse(ref); message != "" {
				problems = append(problems, problemAt(term.Location, "bylaw_reference_error", message))
			} else {
				term.Value = s.rewrite(ref, term.Location)
			}
		}
		return false
	})
	return problems
}

// nameImport keeps the name an import had before its path is rewritten.
func (s scope) nameImport(imported *ast.Import) {
	ref, ok := imported.Path.Value.(ast.Ref)
	if !ok || imported.Alias != "" || len(ref) < 2 || !s.readsSlug {
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

// refuse says why a reference is not allowed; an empty text allows it.
func (s scope) refuse(ref ast.Ref) string {
	if ref[0].Equal(ast.InputRootDocument) {
		return s.refuseInput(ref)
	}
	if len(ref) > 1 && ref[1].Equal(ast.StringTerm(libraryRoot)) {
		return ""
	}
	for _, allowed := range s.packages {
		if ref.HasPrefix(allowed) {
			return ""
		}
	}
	names := []string{"data." + libraryRoot}
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
	if s.moveFrom != nil && ref.HasPrefix(s.moveFrom) {
		return relocate(s.moveTo, ref[len(s.moveFrom):], loc)
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
