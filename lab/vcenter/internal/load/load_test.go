package load

import (
	"slices"
	"testing"
	"time"
)

func month(s Shape) []float64 {
	var values []float64
	for i := range 360 {
		values = append(values, s.At(time.Duration(i)*2*time.Hour, 2*time.Hour).CPU)
	}
	return values
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func TestProfilesKeepTheirMeanAndTheirShape(t *testing.T) {
	cases := []struct {
		profile   string
		low, high float64 // of the highest two hours over the mean
	}{
		{"office", 1.4, 3}, {"batch", 1.9, 5.5}, {"peaky", 1.4, 3.5}, {"idle", 1.0, 2.5}, {"steady", 1.0, 1.35}, {"node", 1.0, 1.35},
	}
	for _, tc := range cases {
		t.Run(tc.profile, func(t *testing.T) {
			values := month(Shape{tc.profile, 0.2, 0.5, Seed(1, "some-guest")})
			if m := mean(values); m < 0.13 || m > 0.27 {
				t.Errorf("mean %.3f, want about 0.2", m)
			}
			if ratio := slices.Max(values) / mean(values); ratio < tc.low || ratio > tc.high {
				t.Errorf("highest over mean %.2f, want %.2f to %.2f", ratio, tc.low, tc.high)
			}
		})
	}
}

func TestAMonthHidesThePeaksOfADay(t *testing.T) {
	s := Shape{"idle", 0.1, 0.5, Seed(1, "some-guest")}
	var fine, coarse float64
	for i := range 288 {
		fine = max(fine, s.At(time.Duration(i)*5*time.Minute, 5*time.Minute).CPU)
	}
	for i := range 12 {
		coarse = max(coarse, s.At(time.Duration(i)*2*time.Hour, 2*time.Hour).CPU)
	}
	if fine < 1.2*coarse {
		t.Errorf("highest of 5 minutes %.3f, of 2 hours %.3f", fine, coarse)
	}
}

func TestTheSameSeedGivesTheSameFigures(t *testing.T) {
	a, b := Shape{"peaky", 0.2, 0.5, Seed(1, "a")}, Shape{"peaky", 0.2, 0.5, Seed(1, "b")}
	if !slices.Equal(month(a), month(a)) {
		t.Error("one guest, two series")
	}
	if slices.Equal(month(a), month(b)) {
		t.Error("two guests, one series")
	}
}

func TestNothingIsUsedTwiceOver(t *testing.T) {
	s := Shape{"batch", 0.9, 0.99, Seed(1, "busy")}
	for i := range 2000 {
		u := s.At(time.Duration(i)*5*time.Minute, 5*time.Minute)
		for _, v := range []float64{u.CPU, u.Memory, u.Disk, u.Net} {
			if v < 0 || v > 1 {
				t.Fatalf("slot %d: %+v", i, u)
			}
		}
	}
}
