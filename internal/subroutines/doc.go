// Package subroutines keeps the fast path: toolpaths that were found to pay
// under conditions on measured features, with the evidence for each. What a
// subroutine is, how one is chosen and how it lives is told in docs/subroutines.md.
//
// The pure core (Rule, evidence, Index.Select, the life cycle) takes values and
// returns values; Table is its edge to the database. Package mine proposes
// subroutines from traces and tests them.
package subroutines
