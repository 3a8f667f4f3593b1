package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/print"
	"github.com/open-policy-agent/opa/v1/util"
)

// evaluate answers a query by OPA's own evaluator on the same modules that compileWasm would make a module of. The
// host's functions are checked against it (E9).
func evaluate(req request) response {
	s, prepared := prepare(req)
	if !prepared.OK {
		return prepared
	}
	compiler := newCompiler(true)
	if compiler.Compile(s.modules); compiler.Failed() {
		return response{Errors: s.settle(problemsOf(compiler.Errors))}
	}
	query := req.Query
	if query == "" {
		query = "data." + entryName + ".verdicts"
	}
	output, tracer := &limitedOutput{}, &limitedTracer{}
	options := []func(*rego.Rego){
		rego.Compiler(compiler),
		rego.Capabilities(allowedCapabilities()),
		rego.Query(query),
		rego.PrintHook(printer{output}),
	}
	if req.Explain {
		options = append(options, rego.QueryTracer(tracer))
	}
	if len(req.Input) > 0 {
		var input any
		if err := util.UnmarshalJSON(req.Input, &input); err != nil {
			return failure("input is not JSON: " + err.Error())
		}
		options = append(options, rego.Input(input))
	}
	results, err := rego.New(options...).Eval(context.Background())
	if err != nil {
		return response{Errors: s.settle(problemsOf(err))}
	}
	if req.Explain {
		topdown.PrettyTrace(output, tracer.events)
		output.cut = output.cut || tracer.cut
	}
	prepared.Output = output.text()
	for id := range s.byID {
		prepared.Output = s.asWritten(prepared.Output, id)
	}
	if len(results) == 1 && len(results[0].Expressions) == 1 {
		prepared.Defined, prepared.Result = true, results[0].Expressions[0].Value
	}
	if encoded, err := json.Marshal(prepared.Result); err != nil || len(encoded) > maxAnswerBytes {
		return response{Errors: []problem{{Code: tooLarge,
			Message: fmt.Sprintf("the answer has %d bytes: at most %d (1 MiB)", len(encoded), maxAnswerBytes)}}}
	}
	return prepared
}

type printer struct{ out *limitedOutput }

func (p printer) Print(_ print.Context, message string) error {
	_, err := p.out.Write([]byte(message + "\n"))
	return err
}
