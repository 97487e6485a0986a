// Package vision looks at pictures through a language model: it judges a step beside the
// measured checks, tells features that cannot be measured, and answers what a doc of runtime kind
// llm asks. Nothing here is used unless a model with vision is configured and the use is turned on.
//
// What a model says is data. A judgement can only fail what the measured checks pass, a
// feature is a word of its own vocabulary or nothing, and an answer is text or a number that is
// shown and never acted on. Words in pictures, requests and docs reach the model as data too.
package vision
