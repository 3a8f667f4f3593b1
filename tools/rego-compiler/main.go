// Rego compiler of Bylaw: OPA's compiler, test runner and evaluator behind one JSON call.
//
// Built for WASI as a reactor (see build.sh); built natively it reads one request from standard input.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// source is one Rego file. Slug is empty for files of the shared library.
type source struct {
	Slug       string          `json:"slug,omitempty"`
	File       string          `json:"file"`
	Source     string          `json:"source"`
	Metadata   json.RawMessage `json:"metadata,omitempty"`    // wins over the annotation's, member by member
	OwnPackage bool            `json:"own_package,omitempty"` // written in any package, not in bylaw.<slug>
	Dialect    string          `json:"dialect,omitempty"`     // whose engine it was written for; native unless given
	Version    string          `json:"rego_version,omitempty"`
	Libs       []source        `json:"libs,omitempty"` // of this policy alone, in packages of their authors' choice
}

type request struct {
	Op       string          `json:"op"`
	Lib      []source        `json:"lib"`
	Policies []source        `json:"policies"`
	Tests    []source        `json:"tests"`
	Input    json.RawMessage `json:"input"`
	Query    string          `json:"query"`
	Explain  bool            `json:"explain"`
	Coverage bool            `json:"coverage"`
}

type response struct {
	OK        bool            `json:"ok"`
	Errors    []problem       `json:"errors"`
	Wasm      []byte          `json:"wasm,omitempty"`
	Policies  []policyInfo    `json:"policies,omitempty"`
	Builtins  []string        `json:"builtins,omitempty"`
	Tests     []testResult    `json:"tests,omitempty"`
	Coverage  []fileCoverage  `json:"coverage,omitempty"`
	Defined   bool            `json:"defined,omitempty"`
	Result    any             `json:"result,omitempty"`
	Output    string          `json:"output,omitempty"`
	Formatted []formattedFile `json:"formatted,omitempty"`
}

// handle answers one request; whatever goes wrong inside comes back as an error of code internal_error.
func handle(body []byte) (answer []byte) {
	defer func() {
		if cause := recover(); cause != nil {
			answer = encode(failure(fmt.Sprint(cause)))
		}
	}()
	var req request
	if err := json.Unmarshal(body, &req); err != nil {
		return encode(failure("request is not JSON: " + err.Error()))
	}
	return encode(dispatch(req))
}

func dispatch(req request) response {
	switch req.Op {
	case "version":
		return response{OK: true, Result: versionInfo()}
	case "check":
		return check(req)
	case "compile":
		return compileWasm(req)
	case "test":
		return runTests(req)
	case "eval":
		return evaluate(req)
	case "format":
		return formatFiles(req)
	}
	return failure(fmt.Sprintf("unknown op %q", req.Op))
}

func failure(message string) response {
	return response{Errors: []problem{{Code: "internal_error", Message: message}}}
}

func encode(res response) []byte {
	if res.Errors == nil {
		res.Errors = []problem{}
	}
	out, err := json.Marshal(res)
	if err != nil {
		out, _ = json.Marshal(failure(err.Error()))
	}
	return out
}

func main() {
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(handle(body)))
}
