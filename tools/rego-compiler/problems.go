package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// problem is one error at the author's own position; rows and columns count from 1, 0 where there is none.
type problem struct {
	Slug    string `json:"slug,omitempty"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row"`
	Col     int    `json:"col"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func problemAt(loc *ast.Location, code, message string) problem {
	p := problem{Code: code, Message: message}
	if loc != nil {
		p.File, p.Row, p.Col = loc.File, loc.Row, loc.Col
	}
	return p
}

// problemsOf turns OPA's errors into problems; positions inside them still name modules by their id.
func problemsOf(err error) []problem {
	var many ast.Errors
	var one *ast.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		out := make([]problem, 0, len(many))
		for _, e := range many {
			out = append(out, problemAt(e.Location, e.Code, detailed(e)))
		}
		return out
	case errors.As(err, &one):
		return []problem{problemAt(one.Location, one.Code, detailed(one))}
	}
	return []problem{{Code: "internal_error", Message: err.Error()}}
}

func detailed(e *ast.Error) string {
	if e.Details == nil {
		return e.Message
	}
	lines := e.Details.Lines()
	if len(lines) == 0 || e.Code == ast.ParseErr {
		return e.Message
	}
	return e.Message + "\n" + strings.Join(lines, "\n")
}

// settle names files as the author did, sorts and drops repetitions.
func (s *sources) settle(problems []problem) []problem {
	for i := range problems {
		for id, src := range s.byID {
			problems[i].Message = strings.ReplaceAll(problems[i].Message, id, src.File)
		}
		if src, ok := s.byID[problems[i].File]; ok {
			problems[i].Slug, problems[i].File = src.Slug, src.File
		}
	}
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.Slug, b.Slug), cmp.Compare(a.File, b.File), a.Row-b.Row, a.Col-b.Col)
	})
	return slices.Compact(problems)
}
