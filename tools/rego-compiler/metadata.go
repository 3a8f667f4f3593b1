package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

const metadataError = "bylaw_metadata_error"

var (
	categories     = []string{"reliability", "security", "network", "access-control", "operational-excellence", "resources"}
	severities     = []string{"critical", "high", "medium", "low", "info"}
	containerLists = []string{"containers", "initContainers", "sidecars", "ephemeralContainers"}
	kindClasses    = []string{"@pod-spec", "@long-running", "@namespaced"}
	admissions     = []string{"deny", "warn", "none"}
	annotationKeys = []string{"title", "description"}
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

// metadataReader collects the problems of one annotation block, each at the line of its key, and of the metadata given
// beside the source, each by its pointer.
type metadataReader struct {
	values   map[string]any
	given    map[string]any // the members of values that were given beside the source
	block    *ast.Annotations
	file     string
	lines    []string
	foreign  bool
	problems []problem
}

func readMetadata(module *ast.Module, src source) (*metadata, []problem) {
	r := &metadataReader{values: map[string]any{}, file: module.Package.Location.File, lines: strings.Split(src.Source, "\n"),
		foreign: src.foreign()}
	if index := slices.IndexFunc(module.Annotations, func(a *ast.Annotations) bool { return a.Scope == "package" }); index >= 0 {
		r.block = module.Annotations[index]
		maps.Copy(r.values, r.block.Custom)
	} else if len(src.Metadata) == 0 {
		return nil, []problem{problemAt(module.Package.Location, metadataError, "the package has no METADATA annotation")}
	}
	if err := r.takeGiven(src.Metadata); err != nil {
		return nil, []problem{{File: r.file, Code: metadataError, Message: "the metadata is not a JSON object: " + err.Error()}}
	}
	r.checkKeys()
	r.checkCharacters()
	m := &metadata{Title: r.text("title", maxTitle), Description: r.text("description", maxProse)}
	if strings.TrimSpace(m.Title) == "" {
		r.complain("title is missing", "title")
	}
	m.Category = r.oneOf("category", "", categories)
	m.Severity = r.oneOf("severity", "", severities)
	m.Admission = r.oneOf("admission", "deny", admissions)
	m.Kinds = r.kinds()
	m.ContainerLists = r.listOf("container_lists", containerLists)
	m.Parameters = r.parameters()
	m.Remediation = r.text("remediation", maxProse)
	m.Standards = r.standards()
	m.Related = r.related()
	m.AdmissionOnly = r.flag("admission_only")
	m.Expand = r.flag("expand")
	return m, r.problems
}

// takeGiven lays the metadata given beside the source over the annotation's.
func (r *metadataReader) takeGiven(given json.RawMessage) error {
	if len(given) == 0 {
		return nil
	}
	if err := util.UnmarshalJSON(given, &r.given); err != nil {
		return err
	}
	maps.Copy(r.values, r.given)
	return nil
}

// checkKeys refuses members that nobody would read. The annotation's title and description stand beside its custom ones.
func (r *metadataReader) checkKeys() {
	for _, key := range util.KeysSorted(r.values) {
		_, given := r.given[key]
		if slices.Contains(customKeys, key) || given && slices.Contains(annotationKeys, key) {
			continue
		}
		if given {
			r.complain(fmt.Sprintf("unknown key %s: one of %s", key, strings.Join(slices.Concat(annotationKeys, customKeys), ", ")), key)
		} else {
			r.complain(fmt.Sprintf("unknown key custom.%s: one of %s", key, strings.Join(customKeys, ", ")), key)
		}
	}
	if r.block == nil {
		return
	}
	for key, value := range map[string]string{"title": r.block.Title, "description": r.block.Description} {
		if _, given := r.given[key]; !given {
			r.values[key] = value
		}
	}
}

// complain records a problem at the keys that lead to it. In an annotation that is the line where the last of them
// stands, else the one before, else the block's first line; in a list the nth entry's key is the key's nth occurrence.
func (r *metadataReader) complain(message string, path ...string) {
	if len(r.problems) > maxProblems {
		return // atMost says that there are more
	}
	if _, given := r.given[path[0]]; given || r.block == nil {
		escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(strings.Join(path, "\x00"))
		pointer := "/" + strings.ReplaceAll(escaped, "\x00", "/")
		r.problems = append(r.problems, problem{File: r.file, Code: metadataError, Message: message, Pointer: pointer})
		return
	}
	loc := *r.block.Location
	for ; len(path) > 0; path = path[:len(path)-1] {
		key, nth := path[len(path)-1], 0
		if _, err := strconv.Atoi(key); err == nil {
			continue
		}
		if len(path) > 1 {
			nth, _ = strconv.Atoi(path[len(path)-2])
		}
		if row, col := r.find(path[0], key, nth); row > 0 {
			loc.Row, loc.Col = row, col
			break
		}
	}
	r.problems = append(r.problems, problemAt(&loc, metadataError, message))
}

// find answers where a key stands in the annotation for the nth time, counted from 0, at or behind the key root.
func (r *metadataReader) find(root, key string, nth int) (int, int) {
	begins := func(name string) *regexp.Regexp {
		return regexp.MustCompile(`(?:^\s*#|[\s{,-])["']?(` + regexp.QuoteMeta(name) + `)["']?\s*:`)
	}
	started, opening, wanted := key == root, begins(root), begins(key)
	for row := r.block.Location.Row; row <= len(r.lines) && strings.HasPrefix(strings.TrimSpace(r.lines[row-1]), "#"); row++ {
		line := r.lines[row-1]
		started = started || opening.MatchString(line)
		if !started {
			continue
		}
		for _, place := range wanted.FindAllStringSubmatchIndex(line, -1) {
			if nth--; nth < 0 {
				return row, place[2] + 1
			}
		}
	}
	return 0, 0
}

func (r *metadataReader) oneOf(key, fallback string, allowed []string) string {
	value, given := r.values[key]
	if !given && fallback != "" {
		return fallback
	}
	text, _ := value.(string)
	if !slices.Contains(allowed, text) {
		r.complain(fmt.Sprintf("%s %v: one of %s", key, shown(value), strings.Join(allowed, ", ")), key)
	}
	return text
}

func (r *metadataReader) text(key string, limit int) string {
	value, given := r.values[key]
	text, ok := value.(string)
	if given && !ok {
		r.complain(key+" is not a text", key)
	}
	r.refuseLong(key, text, limit, key)
	return text
}

func (r *metadataReader) flag(key string) bool {
	value, given := r.values[key]
	flag, ok := value.(bool)
	if given && !ok {
		r.complain(key+" is neither true nor false", key)
	}
	return flag
}

// list answers the entries that are looked at: what is beyond the limit is refused as a whole.
func (r *metadataReader) list(key string, limit int) []any {
	value, given := r.values[key]
	list, ok := value.([]any)
	if given && !ok {
		r.complain(key+" is not a list", key)
	}
	if list == nil {
		return []any{}
	}
	return r.refuseMany(key, list, limit, key)
}

func (r *metadataReader) listOf(key string, allowed []string) []string {
	out := []string{}
	for _, item := range r.list(key, len(allowed)) {
		text, _ := item.(string)
		if !slices.Contains(allowed, text) {
			r.complain(fmt.Sprintf("%s: %v: one of %s", key, shown(item), strings.Join(allowed, ", ")), key)
			continue
		}
		out = append(out, text)
	}
	return out
}

func (r *metadataReader) kinds() []string {
	out := []string{}
	list := r.list("kinds", maxKinds)
	for _, item := range list {
		text, _ := item.(string)
		if text != "*" && !slices.Contains(kindClasses, text) && !kindPattern.MatchString(text) {
			r.complain(fmt.Sprintf("kinds: %q is neither Kind, group/Kind, * nor one of %s", brief(item), strings.Join(kindClasses, ", ")), "kinds")
			continue
		}
		r.refuseLong("kinds", text, maxKind, "kinds")
		out = append(out, text)
	}
	if len(list) == 0 {
		r.complain("kinds is missing: name at least one", "kinds")
	}
	return out
}

func (r *metadataReader) standards() []any {
	list := r.list("standards", maxStandards)
	for _, item := range list {
		entry, _ := item.(map[string]any)
		framework, _ := entry["framework"].(string)
		section, _ := entry["section"].(string)
		if framework == "" || section == "" || len(entry) != 2 {
			r.complain(fmt.Sprintf("standards: %s is not {framework: text, section: text}", brief(item)), "standards")
		}
		r.refuseLong("standards: framework", framework, maxFramework, "standards")
		r.refuseLong("standards: section", section, maxSection, "standards")
	}
	return list
}

func shown(value any) string {
	if value == nil {
		return "is missing"
	}
	return fmt.Sprintf("%q is unknown", brief(value))
}

// brief is a value as a message shows it.
func brief(value any) string {
	text := []rune(fmt.Sprint(value))
	if len(text) <= maxShown {
		return string(text)
	}
	return string(text[:maxShown]) + "…"
}
