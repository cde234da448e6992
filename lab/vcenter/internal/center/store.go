package center

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"

	"landfall/lab/vcenter/internal/estate"
)

// store keeps what has changed since the seed, in one file: a killed program comes back with the same estate.
type store struct {
	path   string
	dirty  chan struct{} // the current figures are to be made anew
	mutex  sync.Mutex
	seeded map[string]string // digest of each record right after the seed: what equals it is not kept
	saved  state
}

// state is the file.
type state struct {
	Estate   string                     `json:"estate"` // digest of the estate that the rest is a difference to
	Highest  int                        `json:"highest"`
	Machines map[string]json.RawMessage `json:"machines"`
	Gone     map[string]bool            `json:"gone"`
	Site     json.RawMessage            `json:"site,omitempty"`
}

func openStore(dir string) (*store, error) {
	s := &store{dirty: make(chan struct{}, 1), seeded: map[string]string{}}
	s.saved = state{Machines: map[string]json.RawMessage{}, Gone: map[string]bool{}}
	if dir == "" {
		return s, nil
	}
	s.path = filepath.Join(dir, "state.json")
	raw, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &s.saved); err != nil {
		return nil, fmt.Errorf("%s: %w", s.path, err)
	}
	return s, nil
}

// usageChanged asks for new current figures, soon and once for many changes.
func (s *store) usageChanged() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// put keeps one record, or forgets it where it is as the seed made it.
func (s *store) put(ref string, record []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.saved.Highest = max(s.saved.Highest, number(ref))
	if s.seeded[ref] == digest(record) {
		if _, known := s.saved.Machines[ref]; !known {
			return nil
		}
		delete(s.saved.Machines, ref)
	} else {
		s.saved.Machines[ref] = record
	}
	return s.write()
}

func (s *store) remove(ref string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.saved.Machines, ref)
	if s.seeded[ref] != "" {
		s.saved.Gone[ref] = true
	}
	return s.write()
}

func (s *store) site(record []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if string(s.saved.Site) == string(record) {
		return nil
	}
	s.saved.Site = record
	return s.write()
}

func (s *store) write() error {
	raw, err := json.Marshal(s.saved)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(s.path+".new", s.path)
}

// Run keeps figures and state fresh until `done` closes.
func (c *Center) Run(done <-chan struct{}) {
	figures, changes := time.NewTicker(time.Minute), time.NewTicker(500*time.Millisecond)
	defer figures.Stop()
	defer changes.Stop()
	for {
		select {
		case <-done:
			return
		case <-c.store.dirty:
			c.refreshUsage()
		case <-figures.C:
			c.refreshUsage()
		case <-changes.C:
			if c.gate.changed() {
				c.Sync()
			}
		}
	}
}

func digest(record []byte) string {
	sum := sha256.Sum256(record)
	return hex.EncodeToString(sum[:8])
}

func digestOf(e *estate.Estate) (string, error) {
	raw, err := json.Marshal(e)
	return digest(raw), err
}

func reference(kind, value string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: kind, Value: value}
}
