package vision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"pentimento/internal/edit"
	"pentimento/internal/imageio"
	"pentimento/internal/llm"
	"pentimento/internal/pixel"
)

// Side is the longer side of what a model sees, in pixels.
const Side = 768

// View is a picture as a model sees it: at most Side pixels on a side, laid on white, so that
// what alpha hides stays hidden, as PNG with no metadata. It is reduced by averaging areas:
// every pixel counts alike, so that none can be chosen to be all that is left.
func View(ctx context.Context, img *pixel.Image) (llm.Image, error) {
	return viewOf(ctx, img, image.Rect(0, 0, img.W, img.H))
}

// viewOf is View of the part inside frame, which lies in the picture and is not empty.
func viewOf(ctx context.Context, img *pixel.Image, frame image.Rectangle) (llm.Image, error) {
	flat := &pixel.Image{W: frame.Dx(), H: frame.Dy(), Pix: make([]uint8, 4*frame.Dx()*frame.Dy())}
	for y := range flat.H {
		from := img.Pix[4*((frame.Min.Y+y)*img.W+frame.Min.X):][:4*flat.W]
		to := flat.Pix[4*y*flat.W:][:4*flat.W]
		for i := 0; i < len(from); i += 4 {
			a := int(from[i+3])
			for c := range 3 {
				to[i+c] = uint8((int(from[i+c])*a + 255*(255-a) + 127) / 255)
			}
			to[i+3] = 255
		}
	}
	if longer := max(flat.W, flat.H); longer > Side {
		w, h := max(1, flat.W*Side/longer), max(1, flat.H*Side/longer)
		var err error
		if flat, err = pixel.ResizeContext(ctx, flat, w, h, pixel.Box); err != nil {
			return llm.Image{}, err
		}
	}
	var b bytes.Buffer
	if err := imageio.EncodeContext(ctx, &b, flat, imageio.PNG, imageio.Options{}); err != nil {
		return llm.Image{}, err
	}
	return llm.Image{MIME: "image/png", Data: b.Bytes()}, nil
}

// leastMargin is what is shown around a mask at least, in pixels.
const leastMargin = 24

// around is the part of a picture that a mask and a quarter of its longer side on each side
// take up: the whole of it where there is no mask, or none of the picture's size.
func around(img *pixel.Image, mask *pixel.Mask) image.Rectangle {
	whole := image.Rect(0, 0, img.W, img.H)
	if mask == nil || mask.W != img.W || mask.H != img.H {
		return whole
	}
	b := mask.Bounds(1)
	if b.Empty() {
		return whole
	}
	return b.Inset(-max(leastMargin, max(b.Dx(), b.Dy())/4)).Intersect(whole)
}

// Keeper writes what a model sees into a folder, byte for byte, in files numbered from 1 on.
type Keeper struct {
	dir string
	mu  sync.Mutex
	n   int
}

// NewKeeper makes the folder. Files that are in it are not written over.
func NewKeeper(dir string) (*Keeper, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &edit.UserError{Msg: "the folder for what the model sees cannot be made", Err: err}
	}
	return &Keeper{dir: dir}, nil
}

// Keep writes pictures under a name; a nil Keeper keeps nothing.
func (k *Keeper) Keep(ctx context.Context, name string, views ...llm.Image) error {
	return k.keep(ctx, name, views)
}

func (k *Keeper) keep(ctx context.Context, name string, views []llm.Image) error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, v := range views {
		path, err := k.free(name)
		if err != nil {
			return err
		}
		if err := imageio.WriteFile(ctx, path, func(w io.Writer) error {
			_, err := w.Write(v.Data)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// maxKept bounds the files of a folder.
const maxKept = 100_000

// free is the next file that is not there.
func (k *Keeper) free(name string) (string, error) {
	for k.n < maxKept {
		k.n++
		taken, err := filepath.Glob(filepath.Join(k.dir, fmt.Sprintf("%04d-*", k.n)))
		if err != nil || len(taken) > 0 {
			continue
		}
		path := filepath.Join(k.dir, fmt.Sprintf("%04d-%s.png", k.n, name))
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
	}
	return "", edit.Userf("the folder %s holds too many files", k.dir)
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
