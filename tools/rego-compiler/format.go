package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
)

type formattedFile struct {
	Slug   string `json:"slug,omitempty"`
	File   string `json:"file"`
	Source string `json:"source"`
}

// formatFiles writes every file as `opa fmt` does; those that can't be parsed are told of, and keep nobody from the rest.
func formatFiles(req request) response {
	s := &sources{byID: map[string]source{}}
	res := response{OK: true, Formatted: []formattedFile{}}
	for _, src := range slices.Concat(req.Lib, req.Policies, req.Tests) {
		id := "@format/" + src.Slug + "/" + src.File
		s.byID[id] = src
		out, err := format.SourceWithOpts(id, []byte(src.Source), format.Opts{RegoVersion: ast.RegoV1})
		if err != nil {
			s.problems = append(s.problems, problemsOf(err)...)
			continue
		}
		res.Formatted = append(res.Formatted, formattedFile{src.Slug, src.File, string(out)})
	}
	if len(s.problems) > 0 {
		res.OK, res.Errors = false, s.settle(s.problems)
	}
	return res
}
