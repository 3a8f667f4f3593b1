package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	authorRoot  = "bylaw"
	movedRoot   = "policies"
	entryName   = "bylaw_entry"
	entryPoint  = entryName + "/verdicts"
	libraryRoot = "lib"
)

// sources are the parsed modules of one request, keyed by an id that is unique where file names are not.
type sources struct {
	byID     map[string]source
	modules  map[string]*ast.Module
	lib      []string
	policies []string
	tests    []string
	libs     map[string][]string // of policies in dialects, by id of the policy
	packages map[string]ast.Ref  // as they were declared, by id of the policy
	problems []problem
}

// parse reads every file and goes on past broken ones, so that all errors are told at once.
func parse(req request) *sources {
	s := &sources{byID: map[string]source{}, modules: map[string]*ast.Module{}, packages: map[string]ast.Ref{},
		libs: map[string][]string{}}
	for _, src := range req.Lib {
		s.add(&s.lib, "lib", src)
	}
	seen := map[string]bool{}
	for _, src := range req.Policies {
		if seen[src.Slug] || src.Slug == "" {
			s.problems = append(s.problems, problem{Slug: src.Slug, File: src.File, Code: "bylaw_package_error",
				Message: fmt.Sprintf("policy slug %q is empty or given twice", src.Slug)})
			continue
		}
		seen[src.Slug] = true
		s.addPolicy(src)
	}
	for _, src := range req.Tests {
		of := slices.IndexFunc(req.Policies, func(policy source) bool { return policy.Slug == src.Slug })
		if of >= 0 && src.Version == "" {
			src.Version = req.Policies[of].Version
		}
		s.add(&s.tests, "tests", src)
	}
	return s
}

// addPolicy reads a policy, and the modules that it brings along.
func (s *sources) addPolicy(src source) {
	if message := src.unknown(); message != "" {
		s.problems = append(s.problems, problem{Slug: src.Slug, File: src.File, Code: "bylaw_dialect_error", Message: message})
		return
	}
	s.add(&s.policies, "policies", src)
	id := sourceID("policies", src)
	own := s.libs[id]
	for index, lib := range src.Libs {
		lib.Slug, lib.Dialect, lib.Version = src.Slug, src.Dialect, src.Version
		s.add(&own, fmt.Sprintf("libs/%d", index), lib)
	}
	s.libs[id] = own
}

func sourceID(group string, src source) string {
	return fmt.Sprintf("@%s/%s/%s", group, src.Slug, src.File)
}

func (s *sources) add(list *[]string, group string, src source) {
	id := sourceID(group, src)
	s.byID[id] = src
	if problems := beyondLimits(id, src); len(problems) > 0 {
		s.problems = append(s.problems, problems...)
		return
	}
	module, err := ast.ParseModuleWithOpts(id, src.Source, parserOptions(src))
	if err != nil {
		s.problems = append(s.problems, problemsOf(err)...)
		return
	}
	if module == nil {
		s.problems = append(s.problems, problem{File: id, Row: 1, Col: 1, Code: ast.ParseErr, Message: "empty module"})
		return
	}
	if tooDeep := deepNode(module); tooDeep != nil {
		s.problems = append(s.problems, *tooDeep)
		return
	}
	s.modules[id] = module
	if group != "lib" && group != "tests" {
		s.packages[id] = module.Package.Path
	}
	*list = append(*list, id)
}

// parserOptions are those of the engine that a source was written for: METADATA is read of Bylaw's own policies alone.
func parserOptions(src source) ast.ParserOptions {
	options := ast.ParserOptions{ProcessAnnotation: !src.foreign(), RegoVersion: ast.RegoV1, Capabilities: allowedCapabilities()}
	if src.Version == "v0" {
		options.RegoVersion, options.Capabilities = ast.RegoV0, allowedCapabilitiesV0()
	}
	return options
}

// packageName is the last part of the package that a policy's author writes.
func packageName(slug string) string {
	return strings.ReplaceAll(slug, "-", "_")
}

func dataRef(path ...string) ast.Ref {
	ref := ast.Ref{ast.DefaultRootDocument}
	for _, part := range path {
		ref = append(ref, ast.StringTerm(part))
	}
	return ref
}
