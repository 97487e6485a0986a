package edit

// EventType names what an Event reports.
type EventType string

// The engine's events, in the order a subtask meets them.
const (
	EventPlanned      EventType = "planned"       // Plan
	EventSearched     EventType = "searched"      // Subtask, Toolpath, Cost, Quality (estimates)
	EventStepStarted  EventType = "step-started"  // Subtask, Call
	EventProgress     EventType = "progress"      // Subtask, Call, Fraction
	EventStepFinished EventType = "step-finished" // Subtask, Call, Seconds, Quality, or Error
	EventJudged       EventType = "judged"        // Subtask, Call, Quality, Passed, Message; Seconds and USD of a model that judged too
	EventWeighed      EventType = "weighed"       // Subtask, Message: the arithmetic of choosing a subroutine
	EventFellBack     EventType = "fell-back"     // Subtask, Subroutine, Message: why it failed; the search goes on
	EventCommitted    EventType = "committed"     // Subtask
	EventFailed       EventType = "failed"        // Subtask, Error
	EventNotice       EventType = "notice"        // Message
	EventSaved        EventType = "saved"         // Output
)

// Event is one thing that happened; subscribers show, log or store it.
type Event struct {
	Type     EventType `json:"event"`
	Subtask  int       `json:"subtask,omitempty"`
	Plan     *Plan     `json:"plan,omitempty"`
	Call     string    `json:"call,omitempty"`
	Toolpath []string  `json:"toolpath,omitempty"`
	// Subroutine is the id of the one that the toolpath is of.
	Subroutine string  `json:"subroutine,omitempty"`
	Fraction   float64 `json:"fraction,omitempty"` // in [0,1]
	Cached     bool    `json:"cached,omitempty"`   // the result was at hand, nothing ran
	Passed     bool    `json:"passed,omitempty"`   // the judge took the result
	Seconds    float64 `json:"seconds,omitempty"`
	Cost       float64 `json:"cost,omitempty"`
	Quality    float64 `json:"quality,omitempty"`
	USD        float64 `json:"usd,omitempty"`
	Error      string  `json:"error,omitempty"`
	Message    string  `json:"message,omitempty"`
	Output     string  `json:"output,omitempty"`
}

// Status is how a subtask ended.
type Status string

// The statuses a subtask can end with.
const (
	StatusDone      Status = "done"
	StatusNotFound  Status = "not-found"
	StatusAmbiguous Status = "ambiguous"
	StatusNoTool    Status = "no-tool"
	StatusBudget    Status = "over-budget" // what may be spent does not pay for it
	StatusFailed    Status = "failed"
	StatusSkipped   Status = "skipped" // a subtask it comes after did not end well
	StatusPlanned   Status = "planned" // a dry run
)

// Found is an object that a subtask names beside its own (to be left alone, to
// be like), with the calls that outlined it; none when an earlier subtask had.
type Found struct {
	Object   string   `json:"object"`
	Toolpath []string `json:"toolpath"`
}

// SubtaskReport is the line of one subtask in the summary of an edit.
type SubtaskReport struct {
	ID     int      `json:"id"`
	Task   string   `json:"task"`
	Object string   `json:"object,omitempty"`
	Target string   `json:"target,omitempty"`
	Except []string `json:"except,omitempty"` // objects left as they were
	// Outline is what was done to the object's outline as the request asked: "grown by 8 pixels".
	Outline string `json:"outline,omitempty"`
	// Region is what may have changed, in words, where the tool itself works on the whole picture.
	Region   string   `json:"region,omitempty"`
	Found    []Found  `json:"found,omitempty"` // how the objects named beside Object were found
	Status   Status   `json:"status"`
	Quality  float64  `json:"quality"` // estimated until a judge measures it
	Toolpath []string `json:"toolpath"`
	Via      string   `json:"via"` // "search", "subroutine" or "replay"
	// Subroutine is the id of the one that was tried, whether it passed or not.
	Subroutine string  `json:"subroutine,omitempty"`
	Trace      int64   `json:"trace,omitempty"` // id of the record of the attempt, where one was kept
	Reason     string  `json:"reason,omitempty"`
	Seconds    float64 `json:"seconds"`
	Result     any     `json:"result,omitempty"` // what a read-only task answers
}

// Summary ends every edit; its JSON form is the event "done".
type Summary struct {
	Event         string          `json:"event"` // always "done"
	Output        string          `json:"output"`
	Quality       float64         `json:"quality"`
	ToolSeconds   float64         `json:"tool_seconds"`
	WastedSeconds float64         `json:"wasted_seconds"` // of tools and loading, on calls whose result was not used
	JudgeSeconds  float64         `json:"judge_seconds"`
	LoadSeconds   float64         `json:"load_seconds"` // model loading
	IOSeconds     float64         `json:"io_seconds"`   // decode and encode
	ToolRuns      int             `json:"tool_runs"`
	CacheHits     int             `json:"cache_hits"`
	LLMCalls      int             `json:"llm_calls"`
	LLMTokens     int             `json:"llm_tokens"`
	LLMSeconds    float64         `json:"llm_seconds"` // of waiting for the language model; those of its answers to read-only tasks are tool_seconds too
	USD           float64         `json:"usd"`
	Device        string          `json:"device"`
	Estimates     string          `json:"estimates,omitempty"` // of a frozen run: the hash of the estimates it ranked by
	Subtasks      []SubtaskReport `json:"subtasks"`
}
