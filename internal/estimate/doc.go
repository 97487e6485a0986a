// Package estimate says what a call will cost and how good its result will be
// before it is run: the doc's prior, corrected by what was observed on this
// machine. All of it is pure: states are plain data that a store keeps,
// Observe returns a new state and leaves the old one as it was.
//
// Cost: seconds = fixed + perMegapixel·megapixels, fitted anew from the latest
// Window observations of a (tool, device), with the doc's prior counting as
// PriorWeight observations. Only calls that had a core to themselves are
// learned from, and what still came out long is discounted: a busy machine
// makes a call longer, never shorter. The time to load a model is a mean of its own.
//
// Quality: a Beta posterior per (tool, task), with the doc's prior as
// pseudo-counts, and one per mark of the context ("around-ground=plain"). Of a
// context's marks the most telling is used once its evidence is strong, shrunk
// towards the results without it. What has no new result fades, and a tool
// is ranked below a threshold only when that is clear.
//
// The order of observations does not matter for qualities (whole numbers are
// added) nor for costs while there are at most Window; beyond that the oldest
// leave, so that a machine that changes is followed.
package estimate

// PriorWeight is how many observations a doc's prior counts as.
const PriorWeight = 2
