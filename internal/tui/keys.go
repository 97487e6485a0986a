package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// where a binding holds.
type scope int

const (
	anywhere  scope = iota // in the prompt too
	looking                // outside the prompt: letters are keys
	pointing               // a box or points are being drawn
	treeing                // outside the prompt, with the history in focus
	talking                // outside the prompt, with the conversation in focus
	prompting              // in the prompt
)

// binding is one line of the key table. Footer, help and palette are made from
// the table, so that none of them can lie.
type binding struct {
	keys  []string
	label string // what it does, in a word or two: the footer
	help  string // in a sentence: the help and the palette
	group string
	in    scope
	// off says why the key does nothing now, "" where it works; nil: always.
	off func(*Model) string
	do  func(*Model) tea.Cmd
	// foot is its rank in the footer, from 1; 0: help only.
	foot int
}

// shown is a key as people write it.
func (b *binding) shown() string {
	names := map[string]string{"space": "space", "left": "←", "right": "→", "up": "↑", "down": "↓", "pgup": "page up", "pgdown": "page down"}
	var out []string
	for _, k := range b.keys {
		if n, ok := names[k]; ok {
			k = n
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

func (b *binding) reason(m *Model) string {
	if b.off == nil {
		return ""
	}
	return b.off(m)
}

// holds reports whether the binding's scope is the present one.
func (b *binding) holds(m *Model) bool {
	switch b.in {
	case anywhere:
		return true
	case prompting:
		return m.typing
	case pointing:
		return !m.typing && m.pen != penNone
	case treeing:
		return !m.typing && m.pen == penNone && m.focus == paneTree
	case talking:
		return !m.typing && m.pen == penNone && m.focus == paneTalk
	case looking:
		return !m.typing
	}
	return false
}

// find is the first binding of a key in the present scope; the narrow scopes stand first in the table.
func (m *Model) find(key string) (*binding, bool) {
	for i := range table {
		b := &table[i]
		if b.holds(m) && slices.Contains(b.keys, key) {
			return b, true
		}
	}
	return nil, false
}

// press does what a binding says, or tells why it does nothing now.
func (m *Model) press(b *binding) tea.Cmd {
	if why := b.reason(m); why != "" {
		m.say(why)
		return nil
	}
	return b.do(m)
}

// Groups of the help, in its order.
const (
	groupAsk     = "ask"
	groupLook    = "look"
	groupCompare = "compare"
	groupRegions = "regions"
	groupHistory = "history"
	groupWork    = "while it works"
	groupProgram = "program"
)

var groups = []string{groupAsk, groupLook, groupCompare, groupRegions, groupHistory, groupWork, groupProgram}

// table holds every key; filled by init, since its functions look into it.
var table []binding

func init() {
	table = slices.Concat(pointKeys(), promptKeys(), paneKeys(), askKeys(), lookKeys(), regionKeys(), historyKeys(), programKeys())
}

func pointKeys() []binding {
	step := func(dx, dy float64) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.moveCross(dx, dy) }
	}
	return []binding{
		{keys: []string{"left"}, label: "move", help: "move the pointer", group: groupRegions, in: pointing, do: step(-1, 0), foot: 2},
		{keys: []string{"right"}, help: "move the pointer", group: groupRegions, in: pointing, do: step(1, 0)},
		{keys: []string{"up"}, help: "move the pointer", group: groupRegions, in: pointing, do: step(0, -1)},
		{keys: []string{"down"}, help: "move the pointer", group: groupRegions, in: pointing, do: step(0, 1)},
		{keys: []string{"shift+left", "H"}, help: "move the pointer far", group: groupRegions, in: pointing, do: step(-8, 0)},
		{keys: []string{"shift+right", "L"}, help: "move the pointer far", group: groupRegions, in: pointing, do: step(8, 0)},
		{keys: []string{"shift+up", "K"}, help: "move the pointer far", group: groupRegions, in: pointing, do: step(0, -4)},
		{keys: []string{"shift+down", "J"}, help: "move the pointer far", group: groupRegions, in: pointing, do: step(0, 4)},
		{keys: []string{"space"}, label: "set", help: "set a corner of the box, or a point on the object", group: groupRegions, in: pointing, do: func(m *Model) tea.Cmd { return m.mark(false) }, foot: 1},
		{
			keys: []string{"!"}, label: "not here", help: "set a point that is not on the object", group: groupRegions, in: pointing, do: func(m *Model) tea.Cmd { return m.mark(true) },
			off: func(m *Model) string {
				return unless(m.pen == penPoints, "points that are not on the object go with p, not with a box")
			}, foot: 3,
		},
		{keys: []string{"enter"}, label: "outline", help: "outline what was pointed at", group: groupRegions, in: pointing, do: (*Model).finishPointing, foot: 4},
		{keys: []string{"esc"}, label: "leave", help: "leave off pointing", group: groupRegions, in: pointing, do: (*Model).stopPointing, foot: 5},
	}
}

func promptKeys() []binding {
	return []binding{
		{keys: []string{"enter"}, label: "send", help: "send what is in the prompt; while something runs it waits its turn", group: groupAsk, in: prompting, do: (*Model).send, foot: 1},
		{keys: []string{"esc"}, label: "to the keys", help: "leave the prompt: letters are keys then", group: groupAsk, in: prompting, do: (*Model).leavePrompt, foot: 2},
		{keys: []string{"up"}, help: "what was asked before", group: groupAsk, in: prompting, do: func(m *Model) tea.Cmd { return m.recallPrompt(-1) }},
		{keys: []string{"down"}, help: "what was asked after that", group: groupAsk, in: prompting, do: func(m *Model) tea.Cmd { return m.recallPrompt(1) }},
	}
}

func paneKeys() []binding {
	return []binding{
		{keys: []string{"up", "k"}, label: "turn", help: "the turn above", group: groupHistory, in: treeing, do: func(m *Model) tea.Cmd { return m.moveInTree(-1) }, foot: 2},
		{keys: []string{"down", "j"}, help: "the turn below", group: groupHistory, in: treeing, do: func(m *Model) tea.Cmd { return m.moveInTree(1) }},
		{keys: []string{"enter"}, label: "go there", help: "show the turn that is marked and go on from it", group: groupHistory, in: treeing, do: (*Model).jump, off: idle, foot: 1},
		{keys: []string{"up", "k"}, label: "scroll", help: "scroll the conversation up", group: groupLook, in: talking, do: func(m *Model) tea.Cmd { return m.scroll(1) }, foot: 2},
		{keys: []string{"down", "j"}, help: "scroll the conversation down", group: groupLook, in: talking, do: func(m *Model) tea.Cmd { return m.scroll(-1) }},
		{keys: []string{"pgup"}, help: "scroll the conversation up a page", group: groupLook, in: anywhere, do: func(m *Model) tea.Cmd { return m.scroll(10) }},
		{keys: []string{"pgdown"}, help: "scroll the conversation down a page", group: groupLook, in: anywhere, do: func(m *Model) tea.Cmd { return m.scroll(-10) }},
	}
}

func askKeys() []binding {
	return []binding{
		{keys: []string{"i", "enter", "/"}, label: "ask", help: "type a request", group: groupAsk, in: looking, do: (*Model).enterPrompt, foot: 3},
		{
			keys: []string{"w"}, label: "other ways", help: "list the ways to do the last request, and try another", group: groupAsk, in: looking, do: (*Model).askWays,
			off: func(m *Model) string {
				return firstReason(idle(m), unless(m.lastRequest() != "", "there is no request to do another way yet"))
			}, foot: 12,
		},
		{keys: []string{"<"}, help: "turn the dial towards the best quality", group: groupAsk, in: looking, do: func(m *Model) tea.Cmd { return m.turnDial(-0.25) }},
		{keys: []string{">"}, help: "turn the dial towards a quick draft", group: groupAsk, in: looking, do: func(m *Model) tea.Cmd { return m.turnDial(0.25) }},
		{keys: []string{"a"}, label: "accept", help: "accept the result", group: groupAsk, in: looking, do: (*Model).accept, off: madeTurn, foot: 10},
		{keys: []string{"r"}, label: "reject", help: "reject the result and say why; it is undone, and counts for more than the judge", group: groupAsk, in: looking, do: (*Model).askReject, off: madeTurn, foot: 11},
		{keys: []string{"ctrl+c"}, label: "stop", help: "stop the request at once and keep what is finished; twice: leave", group: groupWork, in: anywhere, do: (*Model).interrupt, foot: 90},
		{
			keys: []string{"ctrl+x"}, label: "skip step", help: "give up the step that runs and try another tool", group: groupWork, in: anywhere, do: (*Model).skipStep,
			off: func(m *Model) string { return unless(m.job != nil, "nothing runs") }, foot: 91,
		},
	}
}

func lookKeys() []binding {
	pan := func(dx, dy float64) func(*Model) tea.Cmd { return func(m *Model) tea.Cmd { return m.pan(dx, dy) } }
	zoomed := func(m *Model) string {
		return unless(m.lens.Zoom > 1 || m.compare == compareSplit, "the whole picture shows; + enlarges it")
	}
	return []binding{
		{keys: []string{"+", "="}, label: "zoom", help: "enlarge the picture", group: groupLook, in: looking, do: func(m *Model) tea.Cmd { return m.zoom(1.5) }, foot: 14},
		{keys: []string{"-"}, help: "show more of the picture", group: groupLook, in: looking, do: func(m *Model) tea.Cmd { return m.zoom(1 / 1.5) }},
		{keys: []string{"0"}, help: "show the whole picture", group: groupLook, in: looking, do: func(m *Model) tea.Cmd { return m.zoom(0) }},
		{keys: []string{"left", "h"}, help: "look left, or move the edge of the split", group: groupLook, in: looking, do: pan(-1, 0), off: zoomed},
		{keys: []string{"right", "l"}, help: "look right, or move the edge of the split", group: groupLook, in: looking, do: pan(1, 0), off: zoomed},
		{keys: []string{"up", "k"}, help: "look up", group: groupLook, in: looking, do: pan(0, -1), off: zoomed},
		{keys: []string{"down", "j"}, help: "look down", group: groupLook, in: looking, do: pan(0, 1), off: zoomed},
		{keys: []string{"space"}, label: "before", help: "show the picture before the turn, and after it again", group: groupCompare, in: looking, do: func(m *Model) tea.Cmd { return m.setCompare(compareBefore) }, off: hasBefore, foot: 5},
		{keys: []string{"s"}, label: "split", help: "before left and after right of an edge; ← → or the mouse move it", group: groupCompare, in: looking, do: func(m *Model) tea.Cmd { return m.setCompare(compareSplit) }, off: hasBefore, foot: 6},
		{keys: []string{"d"}, label: "differences", help: "show what the turn changed", group: groupCompare, in: looking, do: func(m *Model) tea.Cmd { return m.setCompare(compareDifference) }, off: hasBefore, foot: 7},
		{keys: []string{"tab"}, label: "next pane", help: "go to the next pane: picture, conversation, history", group: groupLook, in: looking, do: (*Model).nextPane, foot: 13},
	}
}

func regionKeys() []binding {
	one := func(m *Model) string {
		_, ok := m.region()
		return unless(ok, "choose a region first: n numbers the objects, their numbers choose")
	}
	outlined := func(m *Model) string {
		r, ok := m.region()
		return unless(ok && r.Mask != nil, "choose a region first: n numbers the objects, their numbers choose")
	}
	drawn := func(m *Model) string { return unless(m.seen.After != nil, "no picture is open yet") }
	return []binding{
		{keys: []string{"n"}, label: "number", help: "find the objects and number them; say their numbers in a request", group: groupRegions, in: looking, do: (*Model).numberObjects, off: drawn, foot: 4},
		{keys: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, help: "choose the region of that number and see its mask", group: groupRegions, in: looking, do: func(*Model) tea.Cmd { return nil }},
		{keys: []string{"b"}, help: "draw a box around an object", group: groupRegions, in: looking, do: func(m *Model) tea.Cmd { return m.startPointing(penBox) }, off: drawn},
		{keys: []string{"p"}, help: "point at an object, or correct the chosen region by points", group: groupRegions, in: looking, do: func(m *Model) tea.Cmd { return m.startPointing(penPoints) }, off: drawn},
		{keys: []string{"g"}, help: "grow the chosen region's mask", group: groupRegions, in: looking, do: func(m *Model) tea.Cmd { return m.reshape(reshapeGrow) }, off: outlined},
		{keys: []string{"G"}, help: "shrink it", group: groupRegions, in: looking, do: func(m *Model) tea.Cmd { return m.reshape(reshapeShrink) }, off: outlined},
		{keys: []string{"f"}, help: "feather it", group: groupRegions, in: looking, do: func(m *Model) tea.Cmd { return m.reshape(reshapeFeather) }, off: outlined},
		{keys: []string{"v"}, help: "invert it", group: groupRegions, in: looking, do: func(m *Model) tea.Cmd { return m.reshape(reshapeInvert) }, off: outlined},
		{keys: []string{"x"}, help: "take the chosen region away", group: groupRegions, in: looking, do: (*Model).dropRegion, off: one},
		{keys: []string{"m"}, label: "mask", help: "show or hide masks and numbers", group: groupRegions, in: looking, do: (*Model).toggleMasks},
	}
}

func historyKeys() []binding {
	return []binding{
		{
			keys: []string{"z"}, label: "undo", help: "undo the turn", group: groupHistory, in: looking, do: (*Model).undo,
			off: func(m *Model) string {
				return firstReason(idle(m), unless(m.seen.Tree.Head != 0, "this is the original: there is nothing to undo"))
			}, foot: 8,
		},
		{
			keys: []string{"Z"}, label: "redo", help: "redo what was undone", group: groupHistory, in: looking, do: (*Model).redo,
			off: func(m *Model) string {
				_, ok := m.seen.Tree.next(m.seen.Tree.Head)
				return firstReason(idle(m), unless(ok, "there is nothing to redo"))
			}, foot: 9,
		},
		{keys: []string{"B"}, help: "name a branch that begins here", group: groupHistory, in: looking, do: (*Model).askBranch, off: idle},
		{
			keys: []string{"e"}, label: "export", help: "save the picture to a file", group: groupHistory, in: looking, do: (*Model).askExport,
			off: func(m *Model) string { return unless(m.seen.After != nil, "no picture is open yet") }, foot: 15,
		},
		{
			keys: []string{"y"}, help: "copy the path of the saved picture; it is saved first", group: groupHistory, in: looking, do: (*Model).copyPath,
			off: func(m *Model) string { return unless(m.seen.After != nil, "no picture is open yet") },
		},
	}
}

func programKeys() []binding {
	return []binding{
		{keys: []string{"esc"}, help: "leave what is open, and the comparison", group: groupProgram, in: looking, do: (*Model).escape},
		{keys: []string{"t"}, help: "list the tools: ready, not installed, unusable and why; fetch a model", group: groupProgram, in: looking, do: (*Model).showTools},
		{keys: []string{","}, help: "settings: models, device, language model, theme", group: groupProgram, in: looking, do: (*Model).showSettings},
		{keys: []string{"ctrl+p"}, label: "commands", help: "find a command by its name", group: groupProgram, in: anywhere, do: (*Model).showPalette, foot: 92},
		{keys: []string{"ctrl+z"}, help: "put the program to sleep; fg wakes it", group: groupProgram, in: anywhere, do: func(*Model) tea.Cmd { return tea.Suspend }},
		{keys: []string{"ctrl+l"}, help: "draw the screen anew", group: groupProgram, in: anywhere, do: func(*Model) tea.Cmd { return tea.ClearScreen }},
		{keys: []string{"q"}, label: "quit", help: "leave; everything stays as it is", group: groupProgram, in: looking, do: (*Model).quit, foot: 94},
		{keys: []string{"?"}, label: "all keys", help: "list all keys", group: groupProgram, in: looking, do: (*Model).showHelp, foot: 93},
	}
}

// unless gives the reason where a condition does not hold.
func unless(ok bool, reason string) string {
	if ok {
		return ""
	}
	return reason
}

func firstReason(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}

func idle(m *Model) string {
	return unless(m.job == nil && !m.moving, "a request runs; ctrl+c stops it")
}

func madeTurn(m *Model) string {
	return firstReason(idle(m), unless(m.seen.Tree.Head != 0, "this is the original: there is no result to judge"))
}

func hasBefore(m *Model) string {
	return unless(m.seen.Before != nil, "this is the original: there is nothing before it")
}
