package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const metadataError = "bylaw_metadata_error"

var (
	categories     = []string{"reliability", "security", "network", "access-control", "operational-excellence", "resources"}
	severities     = []string{"critical", "high", "medium", "low", "info"}
	containerLists = []string{"containers", "initContainers", "sidecars", "ephemeralContainers"}
	kindClasses    = []string{"@pod-spec", "@long-running", "@namespaced"}
	admissions     = []string{"deny", "warn", "none"}
	customKeys     = []string{"category", "severity", "kinds", "container_lists", "parameters", "remediation", "standards",
		"related", "admission", "admission_only", "expand"}
	kindPattern = regexp.MustCompile(`^([a-z0-9][a-z0-9.-]*/)?[A-Z][A-Za-z0-9]*$`)
)

// metadata is what a policy says of itself, with every default filled in.
type metadata struct {
	Title          string         `json:"title"`
	Description    string         `json:"description"`
	Category       string         `json:"category"`
	Severity       string         `json:"severity"`
	Kinds          []string       `json:"kinds"`
	ContainerLists []string       `json:"container_lists"`
	Parameters     map[string]any `json:"parameters"`
	Remediation    string         `json:"remediation"`
	Standards      []any          `json:"standards"`
	Related        []any          `json:"related"`
	Admission      string         `json:"admission"`
	AdmissionOnly  bool           `json:"admission_only"`
	Expand         bool           `json:"expand"`
}

// metadataReader collects the problems of one annotation block, each at the line of its key.
type metadataReader struct {
	custom   map[string]any
	location *ast.Location
	lines    []string
	problems []problem
}

func readMetadata(module *ast.Module, src source) (*metadata, []problem) {
	index := slices.IndexFunc(module.Annotations, func(a *ast.Annotations) bool { return a.Scope == "package" })
	if index < 0 {
		return nil, []problem{problemAt(module.Package.Location, metadataError, "the package has no METADATA annotation")}
	}
	block := module.Annotations[index]
	r := &metadataReader{custom: block.Custom, location: block.Location, lines: strings.Split(src.Source, "\n")}
	if strings.TrimSpace(block.Title) == "" {
		r.complain("title", "title is missing")
	}
	for key := range block.Custom {
		if !slices.Contains(customKeys, key) {
			r.complain(key, fmt.Sprintf("unknown key custom.%s: one of %s", key, strings.Join(customKeys, ", ")))
		}
	}
	m := &metadata{Title: block.Title, Description: block.Description}
	m.Category = r.oneOf("category", "", categories)
	m.Severity = r.oneOf("severity", "", severities)
	m.Admission = r.oneOf("admission", "deny", admissions)
	m.Kinds = r.kinds()
	m.ContainerLists = r.listOf("container_lists", containerLists)
	m.Parameters = r.parameters()
	m.Remediation = r.text("remediation")
	m.Standards = r.standards()
	m.Related = r.related()
	m.AdmissionOnly = r.flag("admission_only")
	m.Expand = r.flag("expand")
	return m, r.problems
}

// complain records a problem at the line where the key stands in the comment, else at the block's first line.
func (r *metadataReader) complain(key, message string) {
	loc := *r.location
	pattern := regexp.MustCompile(`^\s*#[\s-]*["']?` + regexp.QuoteMeta(key) + `["']?\s*:`)
	for row := loc.Row; row <= len(r.lines) && strings.HasPrefix(strings.TrimSpace(r.lines[row-1]), "#"); row++ {
		if pattern.MatchString(r.lines[row-1]) {
			loc.Row, loc.Col = row, strings.Index(r.lines[row-1], key)+1
			break
		}
	}
	r.problems = append(r.problems, problemAt(&loc, metadataError, message))
}

func (r *metadataReader) oneOf(key, fallback string, allowed []string) string {
	value, given := r.custom[key]
	if !given && fallback != "" {
		return fallback
	}
	text, _ := value.(string)
	if !slices.Contains(allowed, text) {
		r.complain(key, fmt.Sprintf("%s %v: one of %s", key, shown(value), strings.Join(allowed, ", ")))
	}
	return text
}

func (r *metadataReader) text(key string) string {
	value, given := r.custom[key]
	text, ok := value.(string)
	if given && !ok {
		r.complain(key, key+" is not a text")
	}
	return text
}

func (r *metadataReader) flag(key string) bool {
	value, given := r.custom[key]
	flag, ok := value.(bool)
	if given && !ok {
		r.complain(key, key+" is neither true nor false")
	}
	return flag
}

func (r *metadataReader) list(key string) []any {
	value, given := r.custom[key]
	list, ok := value.([]any)
	if given && !ok {
		r.complain(key, key+" is not a list")
	}
	if list == nil {
		return []any{}
	}
	return list
}

func (r *metadataReader) listOf(key string, allowed []string) []string {
	out := []string{}
	for _, item := range r.list(key) {
		text, _ := item.(string)
		if !slices.Contains(allowed, text) {
			r.complain(key, fmt.Sprintf("%s: %v: one of %s", key, shown(item), strings.Join(allowed, ", ")))
			continue
		}
		out = append(out, text)
	}
	return out
}

func (r *metadataReader) kinds() []string {
	out := []string{}
	for _, item := range r.list("kinds") {
		text, _ := item.(string)
		if text != "*" && !slices.Contains(kindClasses, text) && !kindPattern.MatchString(text) {
			r.complain("kinds", fmt.Sprintf("kinds: %q is neither Kind, group/Kind, * nor one of %s", fmt.Sprint(item), strings.Join(kindClasses, ", ")))
			continue
		}
		out = append(out, text)
	}
	if len(r.list("kinds")) == 0 {
		r.complain("kinds", "kinds is missing: name at least one")
	}
	return out
}

func (r *metadataReader) standards() []any {
	list := r.list("standards")
	for _, item := range list {
		entry, _ := item.(map[string]any)
		framework, _ := entry["framework"].(string)
		if section, _ := entry["section"].(string); framework == "" || section == "" {
			r.complain("standards", fmt.Sprintf("standards: %v is not {framework: text, section: text}", item))
		}
	}
	return list
}

func shown(value any) string {
	if value == nil {
		return "is missing"
	}
	return fmt.Sprintf("%q is unknown", fmt.Sprint(value))
}
