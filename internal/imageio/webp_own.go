package imageio

import (
	"sync"
	_ "unsafe" // for go:linkname

	_ "github.com/gen2brain/webp" // holds the variable
)

// The encoder prefers a libwebp that the system has, of whatever version, to
// its own: then the same edit gives other bytes on another machine. Its build
// tag "nodynamic" ends that, but a tag is easily forgotten; its switch is set instead.
//
//go:linkname webpDynamic github.com/gen2brain/webp.dynamic
var webpDynamic bool

// wasmOnly makes the encoder use the libwebp it carries.
var wasmOnly = sync.OnceFunc(func() { webpDynamic = false })
