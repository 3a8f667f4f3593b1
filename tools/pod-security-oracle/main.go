// Pod Security oracle of Bylaw: generates pods, always the same, and asks the evaluator of the Pod Security Standards
// itself what it makes of each, at each level and in each version. The tests of libs/engine hold Bylaw's own sets to it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// document is what the tests read: pods as a base with edits, each with what upstream says of it.
type document struct {
	Module    string           `json:"module"`
	Levels    []string         `json:"levels"`
	Versions  []string         `json:"versions"`
	Bases     []map[string]any `json:"bases"`
	Slots     [][]any          `json:"slots"`
	Fragments []fragment       `json:"fragments"`
	// Verdicts are all that came out: for each level a text of one character a version, 1 where the pod is allowed.
	Verdicts [][]string `json:"verdicts"`
	// Pods are [base, verdict, fragment, slot, fragment, slot, …]; the slot of a fragment of the pod itself is -1.
	Pods [][]int `json:"pods"`
}

func main() {
	oracle, err := newOracle()
	if err != nil {
		fail(err)
	}
	doc := document{
		Module:    "k8s.io/pod-security-admission " + oracle.moduleVersion,
		Levels:    oracle.levelNames(),
		Versions:  oracle.versionNames(),
		Bases:     bases(),
		Slots:     slots,
		Fragments: fragments(),
	}
	known := map[string]int{}
	for _, recipe := range recipes(doc.Fragments) {
		verdict, err := oracle.judge(recipe.pod(doc.Bases, doc.Fragments))
		if err != nil {
			fail(fmt.Errorf("%v: %w", recipe, err))
		}
		key := fmt.Sprint(verdict)
		if _, found := known[key]; !found {
			known[key] = len(doc.Verdicts)
			doc.Verdicts = append(doc.Verdicts, verdict)
		}
		doc.Pods = append(doc.Pods, recipe.encode(known[key]))
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
	fmt.Fprintln(os.Stderr, "pod-security-oracle:", err)
	os.Exit(1)
}
