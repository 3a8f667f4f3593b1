package main

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

type testResult struct {
	Slug    string `json:"slug,omitempty"`
	Name    string `json:"name"`
	File    string `json:"file"`
	Row     int    `json:"row"`
	Pass    bool   `json:"pass"`
	Message string `json:"message,omitempty"`
}

type fileCoverage struct {
	Slug         string  `json:"slug,omitempty"`
	File         string  `json:"file"`
	Covered      []int   `json:"covered"`
	NotCovered   []int   `json:"not_covered"`
	CoveredShare float64 `json:"covered_share"`
}

// runTests runs `test_` rules on the modules as their authors wrote them: nothing is moved or rewritten.
func runTests(req request) response {
	s := parse(req)
	for _, id := range s.lib {
		s.problems = append(s.problems, checkLibrary(s.modules[id])...)
	}
	bySlug := map[string]string{}
	for _, id := range s.policies {
		bySlug[s.byID[id].Slug] = id
		if s.byID[id].foreign() {
			s.problems = append(s.problems, s.confineForeign(id)...)
			continue
		}
		s.problems = append(s.problems, s.confineAsWritten(id, policyScope(s.byID[id], s.packages[id]).unmoved(s.byID[id]))...)
	}
	for _, id := range s.tests {
		policy := bySlug[s.byID[id].Slug]
		written := testScope(s.byID[id], s.byID[policy], s.packages[policy], s.modules[id].Package.Path)
		if s.byID[policy].foreign() {
			written = foreignTestScope(s.byID[policy], append(s.foreignPackages(policy), s.modules[id].Package.Path))
		}
		s.problems = append(s.problems, s.confineAsWritten(id, written)...)
	}
	if len(s.problems) > 0 {
		return response{Errors: s.settle(s.problems)}
	}
	return s.run(context.Background(), req.Coverage)
}

// confineAsWritten confines a module; its own package moves with its references.
func (s *sources) confineAsWritten(id string, written scope) []problem {
	module := s.modules[id]
	var problems []problem
	if s.byID[id].OwnPackage {
		problems = checkPackage(module, s.byID[id])
	}
	problems = append(problems, confine(module, written)...)
	module.Package.Path = written.rewrite(module.Package.Path, module.Package.Location)
	return problems
}

// confineForeign confines a policy in a dialect and its libraries, which read input as their engine has it.
func (s *sources) confineForeign(id string) []problem {
	written := foreignTestScope(s.byID[id], s.foreignPackages(id))
	for _, lib := range s.libs[id] {
		dropAnswers(s.modules[lib], s.packages[id], s.byID[id])
	}
	var problems []problem
	for _, module := range append([]string{id}, s.libs[id]...) {
		problems = append(problems, s.confineAsWritten(module, written)...)
	}
	return problems
}

// run tells which rows were reached only where somebody asks: to trace them takes several times as long.
func (s *sources) run(ctx context.Context, covering bool) response {
	store := inmem.New()
	txn, err := store.NewTransaction(ctx, storage.WriteParams)
	if err != nil {
		return failure(err.Error())
	}
	defer store.Abort(ctx, txn)
	coverage := cover.New()
	runner := tester.NewRunner().
		SetCompiler(newCompiler(true)).
		SetStore(store).
		SetModules(s.modules).
		SetParallel(1).
		CapturePrintOutput(true)
	if covering {
		runner = runner.SetCoverageQueryTracer(coverage)
	}
	results, err := runner.RunTests(ctx, txn)
	if err != nil {
		return response{Errors: s.settle(problemsOf(err))}
	}
	res := response{OK: true, Tests: []testResult{}}
	for result := range results {
		res.Tests = append(res.Tests, s.testResult(result))
	}
	slices.SortFunc(res.Tests, func(a, b testResult) int {
		return cmp.Or(cmp.Compare(a.Slug, b.Slug), cmp.Compare(a.File, b.File), a.Row-b.Row)
	})
	if covering {
		res.Coverage = s.coverage(coverage.Report(s.modules))
	}
	return res
}

func (s *sources) testResult(result *tester.Result) testResult {
	src := s.byID[result.Location.File]
	out := testResult{Slug: src.Slug, Name: result.Name, File: src.File, Row: result.Location.Row, Pass: result.Pass()}
	var notes []string
	if result.Error != nil {
		notes = append(notes, result.Error.Error())
	}
	if result.FailedAt != nil {
		notes = append(notes, "failed at "+strings.TrimSpace(string(result.FailedAt.Location.Text)))
	}
	if result.Skip {
		notes = append(notes, "skipped: its name starts with todo_")
	}
	if len(bytes.TrimSpace(result.Output)) > 0 {
		notes = append(notes, string(bytes.TrimSpace(result.Output)))
	}
	note := strings.Join(notes, "\n")
	for id, other := range s.byID {
		if other.Slug == src.Slug || other.Slug == "" {
			note = s.asWritten(note, id)
		}
	}
	out.Message = cutOutput(note)
	return out
}

func (s *sources) coverage(report cover.Report) []fileCoverage {
	out := []fileCoverage{}
	for _, id := range slices.Concat(s.lib, s.policies) {
		entry := fileCoverage{Slug: s.byID[id].Slug, File: s.byID[id].File, Covered: []int{}, NotCovered: []int{}, CoveredShare: 1}
		if file, ok := report.Files[id]; ok {
			entry.Covered, entry.NotCovered = rows(file.Covered), rows(file.NotCovered)
		}
		if lines := len(entry.Covered) + len(entry.NotCovered); lines > 0 {
			entry.CoveredShare = float64(len(entry.Covered)) / float64(lines)
		}
		out = append(out, entry)
	}
	return out
}

func rows(ranges []cover.Range) []int {
	out := []int{}
	for _, r := range ranges {
		for row := r.Start.Row; row <= r.End.Row; row++ {
			if !slices.Contains(out, row) {
				out = append(out, row)
			}
		}
	}
	return out
}
