package edit

import (
	"slices"
	"strings"
)

// ToolSpec is what a tool doc says, parsed: all that the planner, the search
// and the runtime know of a tool.
type ToolSpec struct {
	Name        string // equals the doc's file name
	Title       string
	Description string // what it does, when to use it and when not; at most 1024 characters
	License     string
	Quality     float64     // prior in [0,1] where no task says otherwise
	Tasks       []TaskClaim // what it can complete; a tool that only prepares lists none
	Inputs      []Port      // sorted by name
	Outputs     []Port      // sorted by name
	Preserves   []Preserve
	Accepts     map[string]Accept // constraints and defaults by input name
	Cost        Cost
	// Deterministic tools give equal outputs for equal inputs and seed.
	Deterministic bool
	Network       bool
	MaxPixels     int64 // 0: any size
	Tileable      bool
	Variants      []map[string]any // parameters that a retry may change; each is a call of its own
	Examples      []Example
	Runtime       Runtime
	Prose         string // the doc's body, at most 600 words
	Path          string // where the doc was read from; empty for a spec made in a test
	Digest        string // sha256 of the doc's run-relevant fields, hex
	Source        string // sha256 of the doc's bytes, hex: what a person approves
}

// TaskClaim says that a tool completes a task type.
type TaskClaim struct {
	Task    string
	Quality float64
	Words   []string // what people call it: verbs and short phrases, lower case
	Effect  Effect   `json:",omitempty"` // what it does to what other steps need
}

// Effect says how a task bears on the other steps of a request; the planner orders by it.
type Effect string

// The effects that a doc can declare.
const (
	EffectGround   Effect = "ground"   // it lays the ground that others stand on
	EffectCreates  Effect = "creates"  // it makes what its object or words name
	EffectDestroys Effect = "destroys" // what it works on cannot be looked at afterwards
	EffectChecks   Effect = "checks"   // it looks at what the edits have written
)

// Port is a typed input or output.
type Port struct {
	Name string
	Kind Kind
}

// Slot is the place the port reads from or writes to.
func (p Port) Slot() string { return Slot(p.Name, p.Kind) }

// Preserve is a promise about what a tool leaves as it was.
type Preserve string

// The promises a doc can make.
const (
	PreserveSize        Preserve = "size"         // output image has the input's width and height
	PreserveAlpha       Preserve = "alpha"        // output alpha equals input alpha
	PreserveOutsideMask Preserve = "outside-mask" // samples are identical where its mask input is 0
	PreserveImage       Preserve = "image"        // makes no new image
)

// Keeps reports whether the doc makes the promise p.
func (s *ToolSpec) Keeps(p Preserve) bool { return slices.Contains(s.Preserves, p) }

// Claim returns the tool's claim to complete a task type.
func (s *ToolSpec) Claim(task string) (TaskClaim, bool) {
	for _, c := range s.Tasks {
		if c.Task == task {
			return c, true
		}
	}
	return TaskClaim{}, false
}

// Input returns the input port of that name.
func (s *ToolSpec) Input(name string) (Port, bool) { return portNamed(s.Inputs, name) }

// Output returns the output port of that name.
func (s *ToolSpec) Output(name string) (Port, bool) { return portNamed(s.Outputs, name) }

func portNamed(ports []Port, name string) (Port, bool) {
	for _, p := range ports {
		if p.Name == name {
			return p, true
		}
	}
	return Port{}, false
}

// MaskInput returns the tool's input of kind mask, the one that its
// outside-mask promise is about. Tool docs that make the promise have exactly one.
func (s *ToolSpec) MaskInput() (Port, bool) {
	for _, p := range s.Inputs {
		if p.Kind == KindMask {
			return p, true
		}
	}
	return Port{}, false
}

// Accept constrains one input and may give it a default, which makes the input
// one that a request need not fill.
type Accept struct {
	Labels *Labels // the words a detector knows; any other is refused before the tool runs
	// Color requires an object phrase to carry a colour word ("the yellow raft").
	Color   bool
	Min     *float64
	Max     *float64
	Default *float64
	// Unit says which numbers of a request fill the input: times, percent,
	// degrees, pixels, width, height, or "" for a plain amount.
	Unit string
	// Words maps words of a request to values: {"brighter": 0.25, "darker": -0.25}.
	Words map[string]float64
}

// Labels is a class list in the model's order with the words people use for each class.
type Labels struct {
	Names    []string            // index = class id
	Synonyms map[string][]string // name -> other words, lower case, singular
	Any      []string            // words that mean every class: "object", "thing"
	byWord   map[string]int
}

// NewLabels indexes a class list.
func NewLabels(names []string, synonyms map[string][]string, anyWords []string) *Labels {
	l := &Labels{Names: names, Synonyms: synonyms, Any: anyWords, byWord: make(map[string]int)}
	for i, n := range names {
		for _, w := range append([]string{n}, synonyms[n]...) {
			w = strings.ToLower(strings.ReplaceAll(w, "_", " "))
			if _, taken := l.byWord[w]; !taken || w == n {
				l.byWord[w] = i
			}
		}
	}
	return l
}

// Find returns the class that a head noun names. A compound such as
// "pickup truck" is found by its last word when the whole is unknown. For a word that means
// every class it returns -1 and true.
func (l *Labels) Find(head string) (int, bool) {
	head = strings.ToLower(head)
	if slices.Contains(l.Any, head) {
		return -1, true
	}
	if i, ok := l.byWord[head]; ok {
		return i, true
	}
	if one, plural := Singularize(head); plural {
		if i, ok := l.byWord[one]; ok {
			return i, true
		}
	}
	words := strings.Fields(head)
	for i := 1; i < len(words) && !slices.Contains(linkWords, words[i-1]); i++ {
		if class, ok := l.byWord[strings.Join(words[i:], " ")]; ok {
			return class, true // "patient's date of birth"
		}
	}
	if len(words) < 2 || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(linkWords, w) }) {
		return 0, false
	}
	return l.Find(words[len(words)-1])
}

// linkWords join two nouns; the last noun of such a phrase need not be what is meant:
// "dog on the bench" is no bench, "cat and dog" no dog.
var linkWords = []string{
	"and", "or", "of", "on", "in", "with", "without", "behind", "near", "under", "next", "from", "by", "at", "beside",
	"over", "above", "below", "except", "but", "not", "to", "than", "that", "which", "who", "holding", "wearing",
}

// Words lists the class name and its synonyms.
func (l *Labels) Words(class int) []string {
	n := l.Names[class]
	return append([]string{n}, l.Synonyms[n]...)
}

// Cost is a doc's prior for one run.
type Cost struct {
	Seconds      float64 // fixed part
	PerMegapixel float64 // seconds per 10^6 pixels of the input image
	USD          float64
}

// SecondsPerUSD is the price of money in the search: one dollar weighs as much as this many seconds.
const SecondsPerUSD = 600

// MinSeconds is the least a call may cost, so that no call is free (design, section 5).
const MinSeconds = 0.001

// At estimates the cost in seconds on a picture of that many megapixels.
func (c Cost) At(megapixels float64) float64 {
	return max(MinSeconds, c.Seconds+c.PerMegapixel*megapixels+c.USD*SecondsPerUSD)
}

// Example pairs a request with the arguments it binds; tests run them.
type Example struct {
	Request   string
	Task      string // empty: the tool's first task
	Arguments map[string]any
}

// Runtime says how a tool runs. Exactly one of the pointers is set, as Kind says.
type Runtime struct {
	Kind    string // "builtin", "onnx", RuntimeLLM, RuntimeNone, or one of the outside kinds
	Builtin *BuiltinRuntime
	ONNX    *ONNXRuntime
	Outside *OutsideRuntime `json:",omitempty"`
	LLM     *LLMRuntime     `json:",omitempty"`
	Needs   string          `json:",omitempty"` // RuntimeNone: what a tool would need, in words
}

// RuntimeNone is the kind of a doc that has no tool: it teaches the planner the
// words of a task, so that a request for it is refused by name.
const RuntimeNone = "none"

// RuntimeLLM is the kind of a doc that asks a language model with vision.
const RuntimeLLM = "llm"

// LLMRuntime is what a model is asked of the pictures that a call takes; words and numbers
// that it takes go with it as data. It has one output, a text or a number from 0 to 1.
type LLMRuntime struct {
	Ask     string
	Answers []string `json:",omitempty"` // the only texts it may answer; nil: any
}

// The outside kinds call what is no part of this program, so a person approves
// their docs before they run.
const (
	RuntimeExec = "exec" // a program on this machine
	RuntimeHTTP = "http" // an image API
	RuntimeMCP  = "mcp"  // a tool of a server that speaks the Model Context Protocol
)

// OutsideKinds lists the outside kinds.
func OutsideKinds() []string { return []string{RuntimeExec, RuntimeHTTP, RuntimeMCP} }

// OutsideRuntime says what a tool of an outside kind calls.
type OutsideRuntime struct {
	Command []string // exec: the program and its arguments; mcp: what starts the server
	URL     string   // http: the API; mcp: a server that runs elsewhere
	Tool    string   // mcp: what the server calls its tool
}

// BuiltinRuntime names a built-in operation and its fixed parameters.
type BuiltinRuntime struct {
	Op     string
	Params map[string]any
}
