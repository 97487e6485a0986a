package session

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"pentimento/internal/edit"
	"pentimento/internal/pixel"
	"pentimento/internal/store"
)

// A session in one file is a zip archive of two entries: manifest.json, and
// chunks, where each piece is its hash (32 bytes), its length (4 bytes,
// big-endian) and its bytes. The manifest names pieces by their place among them.

// archiveVersion is the form that this program writes and reads.
const archiveVersion = 1

const (
	manifestEntry = "manifest.json"
	chunksEntry   = "chunks"
	archiveKind   = "pentimento session"
)

// Bounds of a file that is read.
const (
	maxManifest  = 256 << 20
	maxTurns     = 100_000
	maxRecord    = 16 << 20
	maxTileBytes = 1 << 26 // of one packed piece
)

type manifest struct {
	Kind     string          `json:"kind"`
	Version  int             `json:"version"`
	Name     string          `json:"name"`
	Created  time.Time       `json:"created"`
	Head     int             `json:"head"`
	Branch   string          `json:"branch"`
	Branches []Branch        `json:"branches"`
	Source   json.RawMessage `json:"source"`
	Chunks   []int           `json:"chunks"` // of the source
	Turns    []manifestTurn  `json:"turns"`
}

type manifestTurn struct {
	Number  int             `json:"number"`
	Parent  int             `json:"parent"`
	Time    time.Time       `json:"time"`
	Name    string          `json:"name,omitempty"`
	Review  json.RawMessage `json:"review"`
	Record  json.RawMessage `json:"record"`
	Regions json.RawMessage `json:"regions"`
	Chunks  []int           `json:"chunks"`
	Masks   []int           `json:"masks,omitempty"`
}

// ArchiveExt is how a file with a whole session is named.
const ArchiveExt = ".pentimento"

// Export writes a session, whoever has it open, as one file that Import reads elsewhere.
func (s *Sessions) Export(ctx context.Context, name string, w io.Writer) error {
	row, err := s.find(ctx, name)
	if err != nil {
		return err
	}
	turns, branches, err := s.store.Turns(ctx, row.ID)
	if err != nil {
		return err
	}
	m := manifest{Kind: archiveKind, Version: archiveVersion, Name: row.Name, Created: row.Created, Head: row.Head, Branch: row.Branch, Source: row.Source}
	for _, b := range branches {
		m.Branches = append(m.Branches, Branch{Name: b.Name, Tip: TurnID(b.Tip)})
	}
	want := make(map[store.ChunkHash]bool)
	source, err := s.store.SourceHashes(ctx, row)
	if err != nil {
		return err
	}
	note(want, source)
	lists := make([][2][]store.ChunkHash, len(turns))
	for i, t := range turns {
		if lists[i][0], lists[i][1], err = s.store.TurnHashes(ctx, row.ID, t.Number); err != nil {
			return err
		}
		note(want, lists[i][0])
		note(want, lists[i][1])
	}
	z := zip.NewWriter(w)
	places, err := s.writeChunks(ctx, z, want)
	if err != nil {
		return err
	}
	m.Chunks = placesOf(source, places)
	for i, t := range turns {
		m.Turns = append(m.Turns, manifestTurn{
			Number: t.Number, Parent: t.Parent, Time: t.Time, Name: t.Name, Review: t.Review, Record: t.Record, Regions: t.Regions,
			Chunks: placesOf(lists[i][0], places), Masks: placesOf(lists[i][1], places),
		})
	}
	f, err := z.CreateHeader(&zip.FileHeader{Name: manifestEntry, Method: zip.Deflate})
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(m), z.Close())
}

func note(want map[store.ChunkHash]bool, hashes []store.ChunkHash) {
	for _, h := range hashes {
		want[h] = true
	}
}

func placesOf(hashes []store.ChunkHash, places map[store.ChunkHash]int) []int {
	list := make([]int, len(hashes))
	for i, h := range hashes {
		list[i] = places[h]
	}
	return list
}

// writeChunks writes the pieces and says which place each has.
func (s *Sessions) writeChunks(ctx context.Context, z *zip.Writer, want map[store.ChunkHash]bool) (map[store.ChunkHash]int, error) {
	f, err := z.CreateHeader(&zip.FileHeader{Name: chunksEntry, Method: zip.Store}) // they are packed already
	if err != nil {
		return nil, err
	}
	places := make(map[store.ChunkHash]int, len(want))
	err = s.store.EachChunk(ctx, want, func(c store.Chunk, err error) error {
		if err == nil {
			_, err = open(c)
		}
		if err != nil {
			return &edit.UserError{Msg: "a piece of the session is damaged", Hint: "agent sessions verify says of which turns", Err: err}
		}
		places[c.Hash] = len(places)
		head := binary.BigEndian.AppendUint32(slices.Clone(c.Hash[:]), uint32(len(c.Data)))
		if _, err := f.Write(head); err != nil {
			return err
		}
		_, err = f.Write(c.Data)
		return err
	})
	return places, err
}

// damagedArchive words what a file of a session lacks.
func damagedArchive(format string, args ...any) error {
	return &edit.UserError{Msg: "the file is no whole session: " + fmt.Sprintf(format, args...), Hint: "export it again with agent sessions export"}
}

// OpenArchive opens a file that Import is to read, and tells how long it is. What is no
// regular file is an *edit.UserError and is not opened: a pipe would be waited for without end.
func OpenArchive(path string) (f *os.File, size int64, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !st.Mode().IsRegular() {
		return nil, 0, edit.Userf("%s is no regular file", path)
	}
	f, err = os.Open(path)
	return f, st.Size(), err
}

// Import reads a session from a file under a name ("": the one it had). The file
// may be hostile: nothing of it is taken before it was checked, and a session appears whole or not at all.
func (s *Sessions) Import(ctx context.Context, r io.ReaderAt, size int64, name string) (Info, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Info{}, damagedArchive("%v", err)
	}
	m, err := readManifest(z)
	if err != nil {
		return Info{}, err
	}
	if name != "" {
		m.Name = name
	}
	if err := m.check(); err != nil {
		return Info{}, err
	}
	if _, taken, err := s.store.Session(ctx, m.Name); err != nil || taken {
		return Info{}, errors.Join(err, nameTaken(&store.NameTakenError{Name: m.Name}))
	}
	err = s.retry(func() error {
		pieces, err := s.readChunks(ctx, z)
		if err != nil {
			return err
		}
		return s.plant(ctx, m, pieces)
	})
	if err != nil {
		return Info{}, nameTaken(err)
	}
	row, err := s.find(ctx, m.Name)
	return infoOf(row), err
}

func readManifest(z *zip.Reader) (m manifest, err error) {
	f, err := z.Open(manifestEntry)
	if err != nil {
		return m, damagedArchive("it has no %s", manifestEntry)
	}
	defer f.Close() //nolint:errcheck // it was only read
	d := json.NewDecoder(io.LimitReader(f, maxManifest))
	if err := d.Decode(&m); err != nil {
		return m, damagedArchive("its %s: %v", manifestEntry, err)
	}
	switch {
	case m.Kind != archiveKind:
		return m, damagedArchive("its %s says it is a %q", manifestEntry, m.Kind)
	case m.Version != archiveVersion:
		return m, &edit.UserError{Msg: fmt.Sprintf("the file is of form %d; this program reads %d", m.Version, archiveVersion), Hint: "update the program"}
	}
	return m, nil
}

// check refuses what is no tree of turns.
func (m *manifest) check() error {
	if err := checkName("session", m.Name); err != nil {
		return err
	}
	if len(m.Turns) == 0 || len(m.Turns) > maxTurns || m.Turns[0].Number != 0 {
		return damagedArchive("it has %d turns", len(m.Turns))
	}
	seen := make(map[int]bool)
	last := -1
	for _, t := range m.Turns {
		if t.Number <= last || t.Number > maxTurns || t.Number > 0 && !seen[t.Parent] || t.Number == 0 && t.Parent != 0 || len(t.Record) > maxRecord {
			return damagedArchive("turn %d stands in no tree", t.Number)
		}
		if t.Name != "" {
			if err := checkName("turn", t.Name); err != nil {
				return err
			}
		}
		seen[t.Number], last = true, t.Number
		n := node{row: store.TurnRow{Record: t.Record, Review: t.Review, Regions: t.Regions}}
		if err := n.read(); err != nil {
			return damagedArchive("turn %d: %v", t.Number, err)
		}
		if err := n.layout.check(); err != nil {
			return damagedArchive("turn %d: %v", t.Number, err)
		}
		if len(t.Chunks) != n.layout.count() || len(t.Masks) != count(n.masked) || len(n.regions) > maxRegions {
			return damagedArchive("turn %d has another number of pieces than its picture needs", t.Number)
		}
	}
	tips := make(map[string]bool)
	for _, b := range m.Branches {
		if err := checkName("branch", b.Name); err != nil {
			return err
		}
		tips[b.Name] = true
		if !seen[int(b.Tip)] {
			return damagedArchive("the branch %q ends nowhere", b.Name)
		}
	}
	if !seen[m.Head] || !tips[m.Branch] {
		return damagedArchive("turn %d of branch %q is not in it", m.Head, m.Branch)
	}
	return nil
}

// piece is what is known of a piece that was read and is stored.
type piece struct {
	hash store.ChunkHash
	kind byte
	w, h int // of a tile
}

// readChunks stores the file's pieces and lists them. Each is unpacked and compared with its hash first.
func (s *Sessions) readChunks(ctx context.Context, z *zip.Reader) ([]piece, error) {
	f, err := z.Open(chunksEntry)
	if err != nil {
		return nil, damagedArchive("it has no %s", chunksEntry)
	}
	defer f.Close() //nolint:errcheck // it was only read
	const atOnce = 64 << 20
	in := bufio.NewReaderSize(f, 1<<16)
	var pieces []piece
	var batch []store.Chunk
	size := 0
	flush := func() error {
		known := store.Pieces{New: batch}
		if err := s.room(ctx, known); err != nil {
			return err
		}
		err := s.store.AddChunks(ctx, batch)
		batch, size = nil, 0
		return err
	}
	for {
		c, err := readChunk(in)
		if errors.Is(err, io.EOF) {
			return pieces, flush()
		}
		var raw []byte
		if err == nil {
			raw, err = open(c)
		}
		if err != nil {
			return nil, damagedArchive("piece %d: %v", len(pieces), err)
		}
		p := piece{hash: c.Hash, kind: raw[0]}
		if p.kind != kindBytes {
			p.w, p.h = tileSize(raw)
		}
		pieces, batch = append(pieces, p), append(batch, c)
		if size += len(c.Data); size >= atOnce {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

func readChunk(in io.Reader) (c store.Chunk, err error) {
	var head [36]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return c, err
	}
	copy(c.Hash[:], head[:])
	n := binary.BigEndian.Uint32(head[32:])
	if n > maxTileBytes {
		return c, errChunk
	}
	// Memory follows what is really there, not what is claimed.
	c.Data, err = io.ReadAll(io.LimitReader(in, int64(n)))
	if err == nil && len(c.Data) != int(n) {
		err = errChunk
	}
	return c, err
}

// fits checks that a turn's pieces are of the kinds and sizes that its picture needs.
// Its places are in bounds, its record was read before.
func (t manifestTurn) fits(pieces []piece) error {
	var rec turnRecord
	if err := json.Unmarshal(t.Record, &rec); err != nil {
		return err
	}
	l := rec.Layout
	tiles := func(list []int, kind byte, w, h int) bool {
		g := gridOf(w, h)
		for i := range g.count() {
			p := pieces[list[i]]
			if _, _, w, h := g.at(i); p.kind != kind || p.w != w || p.h != h {
				return false
			}
		}
		return true
	}
	w, h := pixel.FitWithin(l.W, l.H, ThumbSide, ThumbSide)
	ok := tiles(t.Chunks, kindTile8, l.W, l.H) && tiles(t.Chunks[l.thumb():], kindTile8, w, h)
	if l.Deep {
		ok = ok && tiles(t.Chunks[l.tiles():], kindTile16, l.W, l.H)
	}
	if !ok {
		return damagedArchive("turn %d has other pieces than its picture needs", t.Number)
	}
	return nil
}

// plant stores the rows of a session.
func (s *Sessions) plant(ctx context.Context, m manifest, pieces []piece) error {
	pick := func(places []int) ([]store.ChunkHash, error) {
		out := make([]store.ChunkHash, len(places))
		for i, p := range places {
			if p < 0 || p >= len(pieces) {
				return nil, damagedArchive("it names piece %d of %d", p, len(pieces))
			}
			out[i] = pieces[p].hash
		}
		return out, nil
	}
	source, err := pick(m.Chunks)
	if err != nil {
		return err
	}
	turns := make([]store.TreeTurn, len(m.Turns))
	for i, t := range m.Turns {
		turns[i].TurnRow = store.TurnRow{Number: t.Number, Parent: t.Parent, Time: t.Time, Name: t.Name, Review: t.Review, Record: t.Record, Regions: t.Regions}
		if turns[i].State, err = pick(t.Chunks); err != nil {
			return err
		}
		if turns[i].Masks, err = pick(t.Masks); err != nil {
			return err
		}
		if err := t.fits(pieces); err != nil {
			return err
		}
	}
	branches := make([]store.BranchRow, len(m.Branches))
	for i, b := range m.Branches {
		branches[i] = store.BranchRow{Name: b.Name, Tip: int(b.Tip)}
	}
	row := store.SessionRow{
		Name: m.Name, Created: m.Created, Used: s.now(), Source: m.Source,
		Pointers: store.Pointers{Head: m.Head, Branch: m.Branch}, Next: m.Turns[len(m.Turns)-1].Number + 1,
	}
	return s.store.AddTree(ctx, row, source, turns, branches)
}
