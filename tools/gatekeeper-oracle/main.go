// Gatekeeper oracle of Bylaw: generates constraints, Configs and objects, always the same, and asks Gatekeeper’s own code
// which constraint means which object, what each Config leaves out, and how a constraint is enforced. The tests of
// libs/enforcement hold Bylaw’s converters to it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// document is what the tests read.
type document struct {
	Module string `json:"module"`
	// Matches are `spec.match` of constraints.
	Matches []any `json:"matches"`
	// Objects are what is reviewed, each with its Namespace where that is known.
	Objects []subject `json:"objects"`
	// Answers hold a character an object for each match: 1 meant, 0 not meant, e where Gatekeeper refuses to say.
	Answers []string `json:"answers"`
	// Configs are `spec` of a Config.
	Configs []any `json:"configs"`
	// Excluded hold for each Config what `audit` and `webhook` leave out, a character an object.
	Excluded [][]string `json:"excluded"`
	// Specs are `spec` of constraints that say how they are enforced.
	Specs []any `json:"specs"`
	// Actions hold for each of them the actions by enforcement point, or why there are none.
	Actions []any `json:"actions"`
}

type subject struct {
	Object    map[string]any `json:"object"`
	Namespace map[string]any `json:"namespace,omitempty"`
}

func main() {
	doc := document{
		Module:  "github.com/open-policy-agent/gatekeeper/v3 " + moduleVersion(),
		Matches: matches(),
		Objects: objects(),
		Configs: configs(),
		Specs:   enforcements(),
	}
	for _, match := range doc.Matches {
		doc.Answers = append(doc.Answers, meant(match, doc.Objects))
	}
	for _, config := range doc.Configs {
		doc.Excluded = append(doc.Excluded, excluded(config, doc.Objects))
	}
	for _, spec := range doc.Specs {
		doc.Actions = append(doc.Actions, actions(spec))
	}
	out := bufio.NewWriter(os.Stdout)
	if err := json.NewEncoder(out).Encode(doc); err != nil {
		fail(err)
	}
	if err := out.Flush(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gatekeeper-oracle:", err)
	os.Exit(1)
}
