package main

import (
	"fmt"
	"strings"
)

// deepNesting says where brackets, comprehensions or templates first lie too deep within each other; the place is -1
// where they never do. Brackets in comments count for themselves, since METADATA is one; those in texts do not.
func deepNesting(text string) (int, string) {
	n := nesting{text: text}
	for n.next() {
		if len(n.open) > maxNesting || n.commented > maxNesting {
			return n.at - 1, fmt.Sprintf("nested more than %d deep: split it into rules", maxNesting)
		}
		if n.retries() > maxRetries {
			return n.at - 1, fmt.Sprintf("nested more than %d comprehensions or templates deep: split it into rules", maxRetries)
		}
	}
	return -1, ""
}

// bracket is one that is not closed yet.
type bracket struct {
	template byte // the quote of the template whose expression it holds, 0 for any other bracket
	retried  bool // a comprehension or a template
	inner    int  // how deep retried ones lay in those that are closed again
}

// nesting walks over a source's brackets.
type nesting struct {
	text      string
	at        int
	open      []bracket
	commented int // brackets not closed in the lines of comment in a row
}

// next goes behind the next bracket, bar, text or comment.
func (n *nesting) next() bool {
	for n.at < len(n.text) {
		char := n.text[n.at]
		n.at++
		switch char {
		case '#':
			n.comment()
			return true
		case ' ', '\t', '\r', '\n':
			continue
		case '[', '(', '{':
			n.open = append(n.open, bracket{})
		case ']', ')', '}':
			n.close()
		case '|':
			if len(n.open) > 0 {
				n.open[len(n.open)-1].retried = true
			}
		case '"', '`':
			n.skipText(char, n.at > 1 && n.text[n.at-2] == '$')
		default:
			n.commented = 0
			continue
		}
		n.commented = 0
		return true
	}
	return false
}

// retries is how many comprehensions and templates lie within each other, with the deepest closed ones of the innermost.
func (n *nesting) retries() int {
	depth := 0
	for _, bracket := range n.open {
		if bracket.retried {
			depth++
		}
	}
	if len(n.open) > 0 {
		depth += n.open[len(n.open)-1].inner
	}
	return depth
}

// comment goes to the end of the line, or to a bracket that lies too deep.
func (n *nesting) comment() {
	for ; n.at < len(n.text) && n.text[n.at] != '\n' && n.commented <= maxNesting; n.at++ {
		switch n.text[n.at] {
		case '[', '(', '{':
			n.commented++
		case ']', ')', '}':
			n.commented = max(0, n.commented-1)
		}
	}
}

// close ends a bracket; where it was a template's expression, the rest of the template follows.
func (n *nesting) close() {
	if len(n.open) == 0 {
		return
	}
	last := n.open[len(n.open)-1]
	n.open = n.open[:len(n.open)-1]
	if last.retried {
		last.inner++
	}
	if len(n.open) > 0 {
		outer := &n.open[len(n.open)-1]
		outer.inner = max(outer.inner, last.inner)
	}
	if last.template != 0 {
		n.skipText(last.template, true)
	}
}

// skipText goes to the end of a text, or to a template's next expression. A quote that is not closed on its line is the
// parser's to refuse.
func (n *nesting) skipText(quote byte, template bool) {
	rest := n.text[n.at:]
	if quote == '"' {
		rest, _, _ = strings.Cut(rest, "\n")
	}
	for at := 0; at < len(rest); at++ {
		switch char := rest[at]; {
		case char == '\\' && (quote == '"' || template && strings.HasPrefix(rest[at:], `\{`)):
			at++
		case char == quote:
			n.at += at + 1
			return
		case char == '{' && template:
			n.at += at + 1
			n.open = append(n.open, bracket{template: quote, retried: true})
			return
		}
	}
}
