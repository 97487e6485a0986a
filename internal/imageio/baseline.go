package imageio

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"runtime"
	"sync"
)

// errNotPlain sends a JPEG to the standard decoder: it is of a rarer kind, or damaged.
var errNotPlain = errors.New("not a plain JPEG")

// decodePlainJPEG decodes the JPEG that cameras write: Huffman-coded baseline,
// grey or Y'CbCr, in one scan. It gives the very samples that image/jpeg gives,
// in less than half the time on two cores: one undoes the Huffman code, which can only be done in order, while
// the others transform the rows of blocks that it is done with. Whatever is not of that kind, or not whole,
// is errNotPlain, and image/jpeg then says what it is. w and h are the size that the header was found to have.
func decodePlainJPEG(ctx context.Context, data []byte, w, h int) (image.Image, error) {
	d := &plainJPEG{data: data}
	if err := d.readHeader(); err != nil {
		return nil, err
	}
	if d.w != w || d.h != h {
		return nil, errNotPlain
	}
	return d.decode(ctx)
}

// component is one channel of the frame.
type component struct {
	id         byte
	h, v       int // blocks of a coded unit, across and down
	quant      *[64]int32
	dc, ac     *huffman
	table      int // number of the quantisation table
	plane      []uint8
	stride     int
	before     int32 // the previous block's mean
	perRow     int   // blocks across the padded picture
	blockIndex int   // of the component's first block in a row buffer
}

type plainJPEG struct {
	data     []byte
	at       int // where the scan begins
	w, h     int
	comps    []component
	quant    [4]*[64]int32
	tables   [2][4]*huffman // DC, AC
	interval int            // coded units between restarts, 0 none
	across   int            // coded units in a row
	down     int
}

// readHeader reads the segments up to the scan.
func (d *plainJPEG) readHeader() error {
	data := d.data
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xff || data[i+1] == 0xff {
			return errNotPlain
		}
		marker, n := data[i+1], int(binary.BigEndian.Uint16(data[i+2:]))
		if n < 2 || i+2+n > len(data) {
			return errNotPlain
		}
		body := data[i+4 : i+2+n]
		i += 2 + n
		ok := true
		switch {
		case marker == 0xc0 || marker == 0xc1:
			ok = d.readFrame(body)
		case marker == 0xc4:
			ok = d.readHuffman(body)
		case marker == 0xdb:
			ok = d.readQuant(body)
		case marker == 0xdd && len(body) == 2:
			d.interval = int(binary.BigEndian.Uint16(body))
		case marker == 0xee && len(body) >= 12 && string(body[:5]) == "Adobe":
			ok = body[11] == 1 // Y'CbCr
		case marker >= 0xe0 && marker <= 0xef, marker == 0xfe:
		case marker == 0xda:
			d.at = i
			if !d.readScan(body) {
				return errNotPlain
			}
			return nil
		default:
			ok = false
		}
		if !ok {
			return errNotPlain
		}
	}
	return errNotPlain
}

func (d *plainJPEG) readFrame(b []byte) bool {
	if d.comps != nil || len(b) < 6 || b[0] != 8 || b[5] != 1 && b[5] != 3 || len(b) != 6+3*int(b[5]) {
		return false
	}
	d.h, d.w = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	if d.w == 0 || d.h == 0 {
		return false
	}
	d.comps = make([]component, b[5])
	for i := range d.comps {
		e := b[6+3*i:]
		c := component{id: e[0], h: int(e[1] >> 4), v: int(e[1] & 15), table: int(e[2])}
		if len(d.comps) == 1 {
			c.h, c.v = 1, 1 // a single channel's units are its blocks
		}
		if c.table > 3 || i > 0 && (c.h != 1 || c.v != 1) || c.h < 1 || c.h > 2 || c.v < 1 || c.v > 2 {
			return false
		}
		for _, o := range d.comps[:i] {
			if o.id == c.id {
				return false
			}
		}
		d.comps[i] = c
	}
	return len(d.comps) == 1 || d.comps[0].id != 'R' || d.comps[1].id != 'G' || d.comps[2].id != 'B'
}

func (d *plainJPEG) readQuant(b []byte) bool {
	for len(b) > 0 {
		wide, id := int(b[0]>>4), b[0]&15
		if wide > 1 || id > 3 || len(b) < 1+64*(1+wide) {
			return false
		}
		t := new([64]int32)
		for i := range t {
			if wide == 1 {
				t[i] = int32(binary.BigEndian.Uint16(b[1+2*i:]))
			} else {
				t[i] = int32(b[1+i])
			}
		}
		d.quant[id] = t
		b = b[1+64*(1+wide):]
	}
	return true
}

func (d *plainJPEG) readHuffman(b []byte) bool {
	for len(b) > 0 {
		class, id := b[0]>>4, b[0]&15
		if len(b) < 17 || class > 1 || id > 3 {
			return false
		}
		h, n := newHuffman(b[1:17], b[17:])
		if h == nil {
			return false
		}
		d.tables[class][id] = h
		b = b[17+n:]
	}
	return true
}

// readScan takes a scan of all components in their order.
func (d *plainJPEG) readScan(b []byte) bool {
	n := len(d.comps)
	if n == 0 || len(b) != 4+2*n || int(b[0]) != n {
		return false
	}
	block := 0
	hMax, vMax := d.comps[0].h, d.comps[0].v
	d.across, d.down = (d.w+8*hMax-1)/(8*hMax), (d.h+8*vMax-1)/(8*vMax)
	for i := range d.comps {
		c := &d.comps[i]
		dc, ac := b[2+2*i]>>4, b[2+2*i]&15
		if b[1+2*i] != c.id || dc > 3 || ac > 3 {
			return false
		}
		c.quant, c.dc, c.ac = d.quant[c.table], d.tables[0][dc], d.tables[1][ac]
		if c.quant == nil || c.dc == nil || c.ac == nil {
			return false
		}
		c.perRow, c.blockIndex = d.across*c.h, block
		block += c.perRow * c.v
	}
	return true
}

// blocks are the dequantised coefficients of one row of coded units, component by component, in rows of blocks.
type blocks struct {
	row int
	b   [][64]int32
	top []uint8 // per block, the highest place in zigzag order that is not 0
}

func (d *plainJPEG) decode(ctx context.Context) (image.Image, error) {
	m := d.newPicture()
	last := d.comps[len(d.comps)-1]
	size := last.blockIndex + last.perRow*last.v
	workers := max(1, runtime.GOMAXPROCS(0)-1)
	free, done := make(chan *blocks, workers+1), make(chan *blocks, workers+1)
	for range workers + 1 {
		free <- &blocks{b: make([][64]int32, size), top: make([]uint8, size)}
	}
	var (
		wg     sync.WaitGroup
		failed sync.Once
		err    error
	)
	for range workers {
		wg.Go(func() {
			for r := range done {
				if contained(func() { d.transform(r) }) != nil {
					failed.Do(func() { err = errNotPlain })
				}
				free <- r
			}
		})
	}
	readErr := contained2(func() error { return d.readRows(ctx, free, done) })
	close(done)
	wg.Wait()
	if readErr != nil {
		return nil, readErr
	}
	return m, err
}

func contained(f func()) error {
	_, err := contain(func() (struct{}, error) { f(); return struct{}{}, nil })
	return err
}

func contained2(f func() error) error {
	_, err := contain(func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// newPicture sets aside the planes, padded to whole coded units as image/jpeg has them.
func (d *plainJPEG) newPicture() image.Image {
	c := d.comps
	pad := image.Rect(0, 0, 8*c[0].h*d.across, 8*c[0].v*d.down)
	shown := image.Rect(0, 0, d.w, d.h)
	if len(c) == 1 {
		m := image.NewGray(pad)
		c[0].plane, c[0].stride = m.Pix, m.Stride
		return m.SubImage(shown)
	}
	ratio := map[[2]int]image.YCbCrSubsampleRatio{
		{1, 1}: image.YCbCrSubsampleRatio444, {2, 1}: image.YCbCrSubsampleRatio422,
		{1, 2}: image.YCbCrSubsampleRatio440, {2, 2}: image.YCbCrSubsampleRatio420,
	}[[2]int{c[0].h, c[0].v}]
	m := image.NewYCbCr(pad, ratio)
	c[0].plane, c[0].stride = m.Y, m.YStride
	c[1].plane, c[1].stride = m.Cb, m.CStride
	c[2].plane, c[2].stride = m.Cr, m.CStride
	return m.SubImage(shown)
}

// readRows undoes the Huffman code and hands on a row of coded units at a time.
func (d *plainJPEG) readRows(ctx context.Context, free <-chan *blocks, done chan<- *blocks) error {
	r := &bitReader{data: d.data, at: d.at}
	unit, restart := 0, byte(0xd0)
	for y := range d.down {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := <-free
		row.row = y
		for x := range d.across {
			if d.interval > 0 && unit > 0 && unit%d.interval == 0 {
				if !r.restart(restart) {
					return errNotPlain
				}
				restart = 0xd0 | (restart+1)&7
				for i := range d.comps {
					d.comps[i].before = 0
				}
			}
			unit++
			for i := range d.comps {
				c := &d.comps[i]
				for k := range c.h * c.v {
					at := c.blockIndex + k/c.h*c.perRow + x*c.h + k%c.h
					top, ok := r.block(c, &row.b[at])
					if !ok {
						return errNotPlain
					}
					row.top[at] = top
				}
			}
		}
		if r.overrun() {
			return errNotPlain
		}
		done <- row
	}
	if !r.ends() {
		return errNotPlain
	}
	return nil
}

// transform turns coefficients into samples, and leaves the blocks empty.
func (d *plainJPEG) transform(r *blocks) {
	for i := range d.comps {
		c := &d.comps[i]
		for k := range c.perRow * c.v {
			at := c.blockIndex + k
			b := &r.b[at]
			x, y := k%c.perRow, r.row*c.v+k/c.perRow
			dst := c.plane[8*(y*c.stride+x):]
			if r.top[at] == 0 {
				flat(dst, c.stride, b[0])
				b[0] = 0
				continue
			}
			inverseDCT(b)
			store(dst, c.stride, b)
			*b = [64]int32{}
		}
	}
}
