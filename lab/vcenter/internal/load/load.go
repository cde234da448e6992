// Package load makes up what a guest used: one number for every slot of time, always the same for the same seed.
//
// A slot is counted backwards from now, and "now" is always a Wednesday at 14:00: so a run and the next one see the
// same figures, whatever the clock says, and a plan made from them does not change by itself.
package load

import (
	"hash/fnv"
	"math"
	"time"
)

// Shape of a guest's use over time.
type Shape struct {
	Profile string
	CPU     float64 // mean share of the CPUs
	Memory  float64 // mean share of the memory
	Seed    uint64
}

// Use of a guest in one slot, as shares of what it has.
type Use struct {
	CPU    float64
	Memory float64
	Disk   float64 // of a busy disk: 20 MB/s
	Net    float64 // of a busy line: 12 MB/s
}

const nowInWeek = 2*24*time.Hour + 14*time.Hour // Wednesday 14:00, weeks begin on Monday

// Seed of one guest out of the estate's.
func Seed(estate uint64, name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return mix(estate ^ h.Sum64())
}

// At returns the mean use over the slot that ended `age` ago and lasted `step`.
func (s Shape) At(age, step time.Duration) Use {
	// A long slot is the mean of short ones, as vCenter rolls its statistics up: peaks get lost in it.
	parts := int(step / (5 * time.Minute))
	parts = max(1, min(parts, 24))
	var sum Use
	for i := range parts {
		u := s.moment(age + time.Duration(i)*step/time.Duration(parts))
		sum.CPU += u.CPU
		sum.Memory += u.Memory
		sum.Disk += u.Disk
		sum.Net += u.Net
	}
	n := float64(parts)
	return Use{sum.CPU / n, sum.Memory / n, sum.Disk / n, sum.Net / n}
}

func (s Shape) moment(age time.Duration) Use {
	week := 7 * 24 * time.Hour
	at := ((nowInWeek-age)%week + week) % week
	day, hour := int(at/(24*time.Hour)), math.Mod(at.Hours(), 24)
	tick := uint64(age / (20 * time.Second))

	activity := s.activity(day, hour, tick)
	noise := 1 + 0.18*s.gauss(tick)
	cpu := clamp(s.CPU*activity*noise, 0.004, 0.98)
	// Memory is touched once and kept: it moves little, with the day and with a slow saw of caches.
	slow := 0.04 * math.Sin(2*math.Pi*at.Hours()/31+float64(s.Seed%7))
	memory := clamp(s.Memory*(1+0.05*(activity-1)+slow+0.01*s.gauss(tick^0x5bd1)), 0.05, 0.97)
	return Use{
		CPU: cpu, Memory: memory,
		Disk: clamp(0.15*activity*(1+0.4*s.gauss(tick^0x1234)), 0, 1),
		Net:  clamp(0.10*activity*(1+0.4*s.gauss(tick^0x9876)), 0, 1),
	}
}

// activity is 1 in the mean of a week, roughly.
func (s Shape) activity(day int, hour float64, tick uint64) float64 {
	working := day < 5
	switch s.Profile {
	case "office": // 9 to 18 on working days, with a dip at noon
		if !working {
			return 0.35
		}
		return 0.35 + 2.0*bell(hour, 11, 2.2) + 1.9*bell(hour, 15.5, 2.2)
	case "batch": // the night's jobs
		return 0.30 + 4.2*bell(hour, 2.5, 1.3)
	case "peaky": // shoppers' evenings, and now and then a sale
		use := 0.45 + 1.5*bell(hour, 20.5, 2.0) + 0.7*bell(hour, 12.5, 1.5)
		if s.unit(tick/90) > 0.985 { // half an hour long
			use += 2.6
		}
		return use
	case "idle":
		if s.unit(tick/15) > 0.99 {
			return 6
		}
		return 0.8
	default: // steady, node
		return 1 + 0.15*bell(hour, 14, 5)
	}
}

func bell(x, middle, width float64) float64 {
	d := math.Mod(math.Abs(x-middle), 24)
	d = math.Min(d, 24-d)
	return math.Exp(-d * d / (2 * width * width))
}

func clamp(x, low, high float64) float64 { return math.Max(low, math.Min(high, x)) }

// unit is a number in [0, 1) that belongs to the seed and n.
func (s Shape) unit(n uint64) float64 {
	return float64(mix(s.Seed+n*0x9e3779b97f4a7c15)>>11) / (1 << 53)
}

// gauss is roughly normal, between -3 and 3.
func (s Shape) gauss(n uint64) float64 {
	return (s.unit(n) + s.unit(n^0xabcdef) + s.unit(n^0x777777) - 1.5) * 2
}

func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
