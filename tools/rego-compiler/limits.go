package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// What a source may be. The compiler descends into it by recursion, on the host's stack of about one megabyte: at twice
// these depths it overflowed.
const (
	maxSourceBytes = 256 << 10
	maxNesting     = 32   // brackets within each other
	maxRetries     = 6    // comprehensions and templates within each other: OPA's parser doubles its work with each
	maxParserDepth = 1000 // OPA's own count, which operators in a row and other forms add to
	maxRefParts    = 200
	maxElses       = 200
	maxIndentation = 200 // of METADATA
	maxProblems    = 100 // told of one source
	tooLarge       = "bylaw_too_large"
	tooDeep        = "bylaw_too_deep"
)

var (
	elsePattern        = regexp.MustCompile(`\belse\b`)
	indentationPattern = regexp.MustCompile(`(?m)^[ \t]*#[-?: \t]{200,}`)
)

// beyondLimits says where a source is larger or deeper than is compiled, before anything descends into it.
func beyondLimits(id string, src source) []problem {
	at := func(offset int, code, message string) []problem {
		row := strings.Count(src.Source[:offset], "\n") + 1
		col := offset - strings.LastIndex(src.Source[:offset], "\n")
		return []problem{{File: id, Row: row, Col: col, Code: code, Message: message}}
	}
	if len(src.Source) > maxSourceBytes {
		return at(maxSourceBytes, tooLarge, fmt.Sprintf("the source has %d bytes: at most %d (256 KiB) are compiled",
			len(src.Source), maxSourceBytes))
	}
	if offset, message := deepNesting(src.Source); offset >= 0 {
		return at(offset, tooDeep, message)
	}
	if place := indentationPattern.FindStringIndex(src.Source); place != nil {
		return at(place[0], tooDeep, fmt.Sprintf("indented by more than %d characters", maxIndentation))
	}
	if places := elsePattern.FindAllStringIndex(src.Source, maxElses+1); len(places) > maxElses {
		return at(places[maxElses][0], tooDeep, fmt.Sprintf("more than %d times else: write rules of their own", maxElses))
	}
	if offset, message := deepNesting(string(src.Metadata)); offset >= 0 {
		return []problem{{File: id, Code: tooDeep, Message: "the metadata is " + message}}
	}
	return beyondParserDepth(id, src)
}

// beyondParserDepth parses once with a limit that the parser takes only this way.
func beyondParserDepth(id string, src source) []problem {
	options := parserOptions(src)
	_, _, errs := ast.NewParser().
		WithFilename(id).
		WithReader(strings.NewReader(src.Source)).
		WithProcessAnnotation(options.ProcessAnnotation).
		WithCapabilities(options.Capabilities).
		WithRegoVersion(options.RegoVersion).
		WithMaxRecursionDepth(maxParserDepth).
		Parse()
	at := slices.IndexFunc(errs, func(e *ast.Error) bool { return e.Message == ast.ErrMaxParsingRecursionDepthExceeded.Error() })
	if at < 0 {
		return nil
	}
	return []problem{problemAt(errs[at].Location, tooDeep, "too deep an expression: split it into rules")}
}

// deepNode answers the first reference of more parts than are compiled.
func deepNode(module *ast.Module) *problem {
	var found *problem
	ast.WalkTerms(module, func(term *ast.Term) bool {
		if ref, ok := term.Value.(ast.Ref); ok && len(ref) > maxRefParts && found == nil {
			p := problemAt(term.Location, tooDeep, fmt.Sprintf("a reference of %d parts: at most %d", len(ref), maxRefParts))
			found = &p
		}
		return found != nil
	})
	return found
}
