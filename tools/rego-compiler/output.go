package main

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/topdown"
)

const (
	maxOutputBytes = 256 << 10
	maxAnswerBytes = 1 << 20 // as in libs/engine, where a module answers
	// maxTraceEvents is what fits into the output at the shortest line that a trace has.
	maxTraceEvents = maxOutputBytes / 10
)

// limitedOutput takes what a policy prints and how it was evaluated, and drops what is beyond the limit.
type limitedOutput struct {
	buffer bytes.Buffer
	cut    bool
}

func (o *limitedOutput) Write(chunk []byte) (int, error) {
	if left := maxOutputBytes - o.buffer.Len(); len(chunk) > left {
		o.cut = true
		o.buffer.Write(chunk[:left])
	} else {
		o.buffer.Write(chunk)
	}
	return len(chunk), nil
}

func (o *limitedOutput) text() string {
	if !o.cut {
		return o.buffer.String()
	}
	out := o.buffer.Bytes()
	for len(out) > 0 && !utf8.Valid(out[max(0, len(out)-utf8.UTFMax):]) && !utf8.FullRune(lastRune(out)) {
		out = out[:len(out)-1]
	}
	return fmt.Sprintf("%s\n(cut: the output is longer than %d bytes)\n", out, maxOutputBytes)
}

// lastRune answers the bytes from the last one that can begin a character.
func lastRune(out []byte) []byte {
	for at := len(out) - 1; at >= max(0, len(out)-utf8.UTFMax); at-- {
		if utf8.RuneStart(out[at]) {
			return out[at:]
		}
	}
	return nil
}

// cutOutput is limitedOutput for a text that is there already.
func cutOutput(text string) string {
	out := limitedOutput{}
	_, _ = out.Write([]byte(text))
	return out.text()
}

// limitedTracer keeps the first events of an evaluation.
type limitedTracer struct {
	events []*topdown.Event
	cut    bool
}

// Enabled is part of topdown.QueryTracer.
func (t *limitedTracer) Enabled() bool { return !t.cut }

// TraceEvent is part of topdown.QueryTracer.
func (t *limitedTracer) TraceEvent(event topdown.Event) {
	if t.cut = len(t.events) >= maxTraceEvents; !t.cut {
		t.events = append(t.events, &event)
	}
}

// Config is part of topdown.QueryTracer.
func (t *limitedTracer) Config() topdown.TraceConfig {
	return topdown.TraceConfig{PlugLocalVars: true}
}
