package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pentimento/internal/farm"
)

// storageBounds say how long things stay in the storage, and how many.
type storageBounds struct {
	days int
	gb   float64
}

func (b *storageBounds) add(fl *pflag.FlagSet) {
	fl.IntVar(&b.days, "storage-days", 14, "what no run put into the storage, or used, for so many days is removed; 0: it stays")
	fl.Float64Var(&b.gb, "storage-gb", 0, "of what lies in the storage, the oldest beyond so many GB is removed; 0: it stays")
}

// bounds reads the flags.
func (b *storageBounds) bounds() (farm.Bounds, error) {
	least := int(farm.MinAge / (24 * time.Hour))
	switch {
	case b.days != 0 && b.days < least || b.days > 36500:
		return farm.Bounds{}, usageError{fmt.Errorf("--storage-days %d is neither 0 nor within %d..36500: a picture may be under way for days", b.days, least)}
	case b.gb < 0 || b.gb > 1e9:
		return farm.Bounds{}, usageError{fmt.Errorf("--storage-gb %g is outside 0..1e9", b.gb)}
	}
	return farm.Bounds{Age: time.Duration(b.days) * 24 * time.Hour, Bytes: int64(b.gb * 1e9)}, nil
}

func newWorkerGC(s *streams, opts *options) *cobra.Command {
	var f farmFlags
	var b storageBounds
	var all, dry bool
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Free the space that a farm's storage no longer needs",
		Long: "gc removes from the storage what workers remove once a day while they run. A picture that needs what was removed brings it\n" +
			"anew, so that this costs time at most. --all removes everything, and belongs where no batch runs.",
		Example: "  agent worker gc --storage /mnt/farm --dry-run\n  agent worker gc --storage s3://bucket/farm --storage-gb 50",
		Args:    args(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			bounds, err := b.bounds()
			if err != nil {
				return err
			}
			now := time.Now()
			if all {
				bounds, now = farm.Bounds{Age: 1}, now.Add(farm.MinAge) // whatever the storage's clock says
			}
			storage, err := openStorage(ctx, f.storage)
			if err != nil {
				return err
			}
			swept, err := farm.Sweep(ctx, storage, bounds, now, dry)
			if err != nil {
				return err
			}
			if opts.json {
				return s.json(map[string]any{"event": "done", "storage": storage.String(), "removed": swept.Removed, "freed": swept.Freed, "kept": swept.Kept, "bytes": swept.Bytes, "dry_run": dry})
			}
			word := "removed"
			if dry {
				word = "would remove"
			}
			s.printf("%s %d objects of %.1f MB; %d of %.1f MB stay in %s\n", word, swept.Removed, float64(swept.Freed)/1e6, swept.Kept, float64(swept.Bytes)/1e6, storage)
			return nil
		},
	}
	fl := cmd.Flags()
	f.addStorage(fl)
	b.add(fl)
	fl.BoolVar(&all, "all", false, "remove everything")
	fl.BoolVar(&dry, "dry-run", false, "only say what would be removed")
	return cmd
}
