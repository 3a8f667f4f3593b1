package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// problem is one error at the author's own position; rows and columns count from 1, 0 where there is none.
type problem struct {
	Slug    string `json:"slug,omitempty"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row"`
	Col     int    `json:"col"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Pointer string `json:"pointer,omitempty"` // into the metadata given beside the source, where that is what is wrong
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
	var failed *topdown.Error
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
	case errors.As(err, &failed):
		return []problem{problemAt(failed.Location, failed.Code, failed.Message)}
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

// settle names files, packages and what is read of input as the author did, sorts and drops repetitions.
func (s *sources) settle(problems []problem) []problem {
	for i := range problems {
		if src, ok := s.byID[problems[i].File]; ok {
			problems[i].Message = s.asWritten(problems[i].Message, problems[i].File)
			problems[i].Slug, problems[i].File = src.Slug, src.File
			continue
		}
		for id := range s.byID {
			problems[i].Message = s.asWritten(problems[i].Message, id)
		}
	}
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.Slug, b.Slug), cmp.Compare(a.File, b.File), a.Row-b.Row, a.Col-b.Col)
	})
	return atMost(maxProblems, slices.Compact(problems))
}

// asWritten undoes in a text what moving a policy did to its names.
func (s *sources) asWritten(text, id string) string {
	src := s.byID[id]
	text = strings.ReplaceAll(text, id, src.File)
	if src.Slug == "" || !strings.Contains(text, src.Slug) {
		return text
	}
	if src.foreign() {
		return asWrittenForeign(text, src)
	}
	own := dataRef(authorRoot, packageName(src.Slug)).String()
	if written, ok := s.packages[id]; ok {
		own = written.String()
	}
	slug := regexp.QuoteMeta(src.Slug)
	for pattern, name := range map[string]string{
		`\bdata\.` + movedRoot: own + "${1}${2}", `\binput\.params`: "input.parameters", `\binput\.related`: "input.related",
	} {
		moved := regexp.MustCompile(pattern + `(?:\.` + slug + `(_test)?\b|\["` + slug + `(_test)?"\])`)
		text = moved.ReplaceAllString(text, name)
	}
	return text
}

// asWrittenForeign undoes in a text what moving a policy in a dialect did to its names.
func asWrittenForeign(text string, src source) string {
	slug := `(?:\.` + regexp.QuoteMeta(src.Slug) + `\b|\["` + regexp.QuoteMeta(src.Slug) + `"\])`
	undo := [][2]string{
		{`\bdata\.` + foreignRoot + slug + `\.document\b`, "input"},
		{`\bdata\.` + foreignRoot + slug + `\.(?:code\.)?`, "data."},
		{`\binput\.params` + slug, "input.parameters"},
		{`\binput\.absent\.`, "input."},
	}
	for _, pair := range undo {
		text = regexp.MustCompile(pair[0]).ReplaceAllString(text, pair[1])
	}
	if strings.HasPrefix(src.Dialect, "conftest") {
		text = strings.ReplaceAll(text, "input.review.object", "input")
	}
	return text
}

// atMost keeps the first problems of each source: of twenty thousand mistakes nobody reads the last.
func atMost(limit int, problems []problem) []problem {
	kept := make([]problem, 0, min(len(problems), 2*limit))
	left := map[[2]string]int{}
	for _, p := range problems {
		source := [2]string{p.Slug, p.File}
		switch left[source]++; {
		case left[source] <= limit:
			kept = append(kept, p)
		case left[source] == limit+1:
			p.Code, p.Message = "bylaw_too_many_errors", fmt.Sprintf("more than %d errors: mend those first", limit)
			kept = append(kept, p)
		}
	}
	return kept
}
