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
	"abs", "all", "and", "any", "array.concat", "array.flatten", "array.reverse", "array.slice", "assign",
	"base64.encode", "base64url.encode", "bits.and", "bits.lsh", "bits.negate", "bits.or", "bits.rsh", "bits.xor",
	"ceil", "contains", "count", "div", "endswith", "eq", "equal", "floor", "glob.match", "graph.reachable", "gt",
	"gte", "indexof", "internal.member_2", "internal.member_3", "internal.template_string", "intersection",
	"is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "json.filter",
	"json.remove", "lower", "lt", "lte", "max", "min", "minus", "mul", "neq", "net.cidr_contains",
	"net.cidr_intersects", "numbers.range", "object.filter", "object.get", "object.keys", "object.remove",
	"object.union", "object.union_n", "or", "plus", "product", "regex.find_all_string_submatch_n",
	"regex.is_valid", "regex.match", "rem", "replace", "round", "set_diff", "sort", "split", "startswith",
	"strings.replace_n", "strings.reverse", "substring", "sum", "to_number", "trim", "trim_left", "trim_prefix",
	"trim_right", "trim_space", "trim_suffix", "type_name", "union", "upper", "walk",
}

// deprecatedBuiltins are theirs as well, and OPA lets only Rego v0 call them.
var deprecatedBuiltins = []string{"net.cidr_overlap", "re_match"}

// erasedBuiltins never reach a module: the compiler takes them out, the test runner and evaluator carry them out.
var erasedBuiltins = []string{"print", "internal.print", "internal.test_case"}

// hostBuiltins are supplied by Bylaw's own host (libs/engine/src/builtins-*.ts) and checked there, case by case,
// against this evaluator. What is on neither list is a compile error: the network, the clock, randomness, the runtime,
// and what the host can't match exactly.
var hostBuiltins = []string{
	"base64.decode", "base64.is_valid", "base64url.decode", "base64url.encode_no_pad", "concat",
	"crypto.hmac.equal", "crypto.hmac.md5", "crypto.hmac.sha1", "crypto.hmac.sha256", "crypto.hmac.sha512",
	"crypto.md5", "crypto.sha1", "crypto.sha256", "format_int", "glob.quote_meta", "graph.reachable_paths",
	"hex.decode", "hex.encode", "indexof_n", "json.is_valid", "json.marshal", "json.marshal_with_options",
	"json.patch", "json.unmarshal", "numbers.range_step", "object.subset", "regex.find_n", "regex.replace",
	"regex.split", "regex.template_match", "semver.compare", "semver.is_valid", "sprintf",
	"strings.any_prefix_match", "strings.any_suffix_match", "strings.count", "strings.split_n", "time.add_date",
	"time.clock", "time.date", "time.diff", "time.parse_duration_ns", "time.parse_rfc3339_ns", "time.weekday",
	"units.parse", "units.parse_bytes", "urlquery.decode", "urlquery.decode_object", "urlquery.encode",
	"urlquery.encode_object",
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
	OPA    string   `json:"opa"`
	Go     string   `json:"go"`
	Host   []string `json:"host_builtins"`
	Native []string `json:"native_builtins"`
}

func versionInfo() versions {
	v := versions{OPA: version.Version, Host: hostBuiltins, Native: nativeBuiltins}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Go = info.GoVersion
	}
	return v
}
