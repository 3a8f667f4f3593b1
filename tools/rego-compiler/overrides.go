package main

import (
	"slices"
	"sync"
	_ "unsafe" // for go:linkname

	"github.com/open-policy-agent/opa/v1/ast"
	_ "github.com/open-policy-agent/opa/v1/compile"
)

//go:linkname nativeFunctions github.com/open-policy-agent/opa/internal/compiler/wasm.builtinsFunctions
var nativeFunctions map[string]string

// overriddenBuiltins are native in OPA's WASM runtime but answer otherwise than its Go evaluator: sets are joined in no
// order, JSON is written with keys in no order and without Go's escapes, bad base64 and JSON are read, numbers are reckoned
// in decimal with 18 digits, other regular expressions and globs are read, IPv4 in IPv6 is not found, an integer beyond 64
// bits or an empty path aborts. The host supplies them.
var overriddenBuiltins = []string{
	"abs", "base64.decode", "base64.encode", "base64.is_valid", "base64url.decode", "base64url.encode", "bits.and",
	"bits.lsh", "bits.negate", "bits.or", "bits.rsh", "bits.xor", "ceil", "concat", "div", "floor", "format_int",
	"glob.match", "indexof", "json.filter", "json.is_valid", "json.marshal", "json.remove", "json.unmarshal", "max",
	"min", "minus", "mul", "net.cidr_contains", "net.cidr_intersects", "object.union_n", "plus", "product",
	"regex.find_all_string_submatch_n", "regex.is_valid", "regex.match", "round", "substring", "sum", "to_number",
}

func init() {
	for _, name := range overriddenBuiltins {
		delete(nativeFunctions, name)
	}
}

// replaceAnything is how a module calls `replace` where what is replaced might be empty: OPA's WASM runtime never ends
// there, so that the host does it. The runtime's own is kept for plain texts, of which there are many.
const replaceAnything = "bylaw.replace"

var moduleCapabilities = sync.OnceValue(func() *ast.Capabilities {
	caps := *allowedCapabilities()
	caps.Builtins = append(slices.Clone(caps.Builtins), &ast.Builtin{Name: replaceAnything, Decl: ast.Replace.Decl})
	return &caps
})

// divertReplace changes a module that has been checked, for the compiler to WASM only.
func divertReplace(module *ast.Module) {
	own := func(rule *ast.Rule) bool { return rule.Head.Ref()[0].Value.String() == ast.Replace.Name }
	if slices.ContainsFunc(module.Rules, own) {
		return
	}
	divert := func(terms []*ast.Term) {
		if len(terms) < 3 || !terms[0].Value.(ast.Ref).Equal(ast.Replace.Ref()) {
			return
		}
		if old, plain := terms[2].Value.(ast.String); !plain || old == "" {
			terms[0] = ast.NewTerm(ast.MustParseRef(replaceAnything)).SetLocation(terms[0].Location)
		}
	}
	ast.WalkExprs(module, func(expr *ast.Expr) bool {
		if terms, isCall := expr.Terms.([]*ast.Term); isCall {
			divert(terms)
		}
		return false
	})
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if call, isCall := term.Value.(ast.Call); isCall {
			divert(call)
		}
		return false
	})
}
