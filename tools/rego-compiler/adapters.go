package main

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// adapter writes the modules by which a policy in a dialect answers as Bylaw's own do.
type adapter struct {
	src       source
	title     string
	written   ast.Ref // where the policy's package was moved
	answering []string
	inventory bool // whether it looks at data.inventory
	excepts   bool // whether its package says which of its rules are excepted
}

func (a adapter) modules() []string {
	modules := []string{a.answers(), a.document()}
	if a.inventory {
		modules = append(modules, a.inventoryModule())
	}
	return modules
}

// answers is the module that the entry point asks. What the policy answers is read through object.get, which hides from
// the compiler what it is made of: an answer of another shape is told where it is evaluated, as in its own engine.
func (a adapter) answers() string {
	var text strings.Builder
	finding := dialects[a.src.Dialect].finding
	if strings.Contains(finding, "%q") {
		finding = fmt.Sprintf(finding, a.title)
	}
	fmt.Fprintf(&text, "package %s[%q]\n", movedRoot, a.src.Slug)
	for _, name := range a.answering {
		fmt.Fprintf(&text, "violation contains finding if {\n%s", a.conditions(name))
		fmt.Fprintf(&text, "\tsome answer in object.get({\"all\": %v.%s}, \"all\", [])\n\tfinding := %s\n}\n", a.written, name, finding)
	}
	if len(a.answering) == 0 {
		text.WriteString("violation := set()\n")
	}
	if a.inventory {
		fmt.Fprintf(&text, "skipped contains %q if not input.related[%q].%s\n", inventoryGone, a.src.Slug, inventoryName)
	}
	if a.excepts {
		fmt.Fprintf(&text, "excepted contains name if {\n\tsome names in object.get({\"all\": %v.exception}, \"all\", [])\n\tsome name in names\n}\n",
			a.written)
	}
	return text.String()
}

func (a adapter) conditions(rule string) string {
	conditions := ""
	if a.inventory {
		conditions += fmt.Sprintf("\tinput.related[%q].%s\n", a.src.Slug, inventoryName)
	}
	if a.excepts {
		conditions += fmt.Sprintf("\tnot excepted[%q]\n", withoutPrefix(rule))
	}
	return conditions
}

// withoutPrefix is the name by which conftest's exceptions know a rule.
func withoutPrefix(rule string) string {
	for _, prefix := range []string{"violation", "deny", "warn"} {
		if rest, ok := strings.CutPrefix(rule, prefix); ok {
			return strings.TrimPrefix(rest, "_")
		}
	}
	return rule
}

// document is the whole input, for who passes it on or looks for a member by a computed name.
func (a adapter) document() string {
	return fmt.Sprintf("package %s[%q]\ndocument := object.union({\"review\": input.review}, {\"parameters\": input.params[%q]})\n",
		foreignRoot, a.src.Slug, a.src.Slug)
}

// inventoryModule lays out the objects at hand as Gatekeeper keeps those that it was told to sync.
func (a adapter) inventoryModule() string {
	return fmt.Sprintf(`package %[1]s[%[2]q].%[3]s
cluster[found.apiVersion][found.kind][found.metadata.name] := found if {
	some found in input.related[%[2]q].%[3]s
	not found.metadata.namespace
}
namespace[found.metadata.namespace][found.apiVersion][found.kind][found.metadata.name] := found if {
	some found in input.related[%[2]q].%[3]s
}
`, foreignRoot, a.src.Slug, inventoryName)
}
