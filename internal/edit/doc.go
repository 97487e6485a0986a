// Package edit holds the domain types that every other package speaks in:
// artifacts, object phrases, subtasks, tool specifications, calls, toolpaths,
// events and the errors a person reads. It does no I/O and imports nothing of
// the project.
package edit
