package main

import (
	"maps"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/version"
)

// nativeBuiltins are the functions of OPA 1.22 that its WASM runtime brings and policies may call.
var nativeBuiltins = []string{
	"all", "and", "any", "array.concat", "array.flatten", "array.reverse", "array.slice", "assign", "contains",
	"count", "endswith", "eq", "equal", "graph.reachable", "gt", "gte", "internal.member_2", "internal.member_3",
	"internal.template_string", "intersection", "is_array", "is_boolean", "is_null", "is_number", "is_object",
	"is_set", "is_string", "lower", "lt", "lte", "neq", "numbers.range", "object.filter", "object.get", "object.keys",
	"object.remove", "object.union", "or", "rem", "replace", "set_diff", "sort", "split", "startswith",
	"strings.replace_n", "strings.reverse", "trim", "trim_left", "trim_prefix", "trim_right", "trim_space",
	"trim_suffix", "type_name", "union", "upper", "walk",
}

// deprecatedBuiltins are theirs as well, and OPA lets only Rego v0 call them.
var deprecatedBuiltins = []string{"net.cidr_overlap", "re_match"}

// erasedBuiltins never reach a module: the compiler takes them out, the test runner and evaluator carry them out.
var erasedBuiltins = []string{"print", "internal.print", "internal.test_case"}

// hostBuiltins are supplied by Bylaw's own host (libs/engine/src/builtins-*.ts) and checked there, case by case,
// against this evaluator. What is on neither list is a compile error: the network, the clock, randomness, the runtime,
// and what the host can't match exactly.
var hostBuiltins = []string{
	"abs", "base64.decode", "base64.encode", "base64.is_valid", "base64url.decode", "base64url.encode",
	"base64url.encode_no_pad", "bits.and", "bits.lsh", "bits.negate", "bits.or", "bits.rsh", "bits.xor", "ceil",
	"concat", "crypto.hmac.equal", "crypto.hmac.md5", "crypto.hmac.sha1", "crypto.hmac.sha256", "crypto.hmac.sha512",
	"crypto.md5", "crypto.sha1", "crypto.sha256", "div", "floor", "format_int", "glob.match", "glob.quote_meta",
	"graph.reachable_paths", "hex.decode", "hex.encode", "indexof", "indexof_n", "json.filter", "json.is_valid",
	"json.marshal", "json.marshal_with_options", "json.patch", "json.remove", "json.unmarshal", "max", "min", "minus",
	"mul", "net.cidr_contains", "net.cidr_intersects", "numbers.range_step", "object.subset", "object.union_n",
	"plus", "product", "regex.find_all_string_submatch_n", "regex.find_n", "regex.is_valid", "regex.match",
	"regex.replace", "regex.split", "regex.template_match", "round", "semver.compare", "semver.is_valid", "sprintf",
	"strings.any_prefix_match", "strings.any_suffix_match", "strings.count", "strings.split_n", "substring", "sum",
	"time.add_date", "time.clock", "time.date", "time.diff", "time.parse_duration_ns", "time.parse_rfc3339_ns",
	"time.weekday", "to_number", "units.parse", "units.parse_bytes", "urlquery.decode", "urlquery.decode_object",
	"urlquery.encode", "urlquery.encode_object",
}

var (
	allowedCapabilities   = sync.OnceValue(func() *ast.Capabilities { return allowedOf(ast.CapabilitiesForThisVersion()) })
	allowedCapabilitiesV0 = sync.OnceValue(func() *ast.Capabilities {
		return allowedOf(ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(ast.RegoV0)))
	})
)

func allowedOf(all *ast.Capabilities) *ast.Capabilities {
	caps := *all
	caps.AllowNet = []string{}
	allowed := slices.Concat(nativeBuiltins, deprecatedBuiltins, hostBuiltins, erasedBuiltins)
	caps.Builtins = slices.DeleteFunc(slices.Clone(caps.Builtins), func(b *ast.Builtin) bool {
		return !slices.Contains(allowed, b.Name)
	})
	return &caps
}

// hostBuiltinsUsed lists the functions that a module made of these rules will ask its host for.
func hostBuiltinsUsed(compiler *ast.Compiler) []string {
	used := map[string]bool{}
	for _, module := range compiler.Modules {
		ast.WalkExprs(module, func(expr *ast.Expr) bool {
			if expr.IsCall() && slices.Contains(hostBuiltins, expr.Operator().String()) {
				used[expr.Operator().String()] = true
			}
			return false
		})
	}
	return slices.Sorted(maps.Keys(used))
}

type versions struct {
	OPA    string         `json:"opa"`
	Go     string         `json:"go"`
	Host   []string       `json:"host_builtins"`
	Native []string       `json:"native_builtins"`
	Erased []string       `json:"erased_builtins"`
	All    map[string]int `json:"all_builtins"` // how many arguments each function of this OPA takes
}

func versionInfo() versions {
	v := versions{
		OPA: version.Version, Host: hostBuiltins, Native: nativeBuiltins, Erased: erasedBuiltins, All: map[string]int{},
	}
	for _, builtin := range ast.CapabilitiesForThisVersion().Builtins {
		v.All[builtin.Name] = len(builtin.Decl.FuncArgs().Args)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Go = info.GoVersion
	}
	return v
}
