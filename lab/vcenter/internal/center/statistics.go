package center

import (
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// statistics answers QueryPerf with a series for each guest, and only with what a vCenter at level 1 would have kept.
type statistics struct {
	*simulator.PerformanceManager
	center   *Center
	counters map[int32]string // group.name.rollup by id
	level    map[int32]int32
}

const (
	realtime         = 20
	maxQueryMetrics  = 256
	statisticsOption = "config.vpxd.stats.maxQueryMetrics"
)

// kept says how far back samples of an interval go.
var kept = map[int32]time.Duration{
	realtime: time.Hour, 300: 24 * time.Hour, 1800: 7 * 24 * time.Hour, 7200: 30 * 24 * time.Hour, 86400: 365 * 24 * time.Hour,
}

func (c *Center) installStatistics() {
	manager := c.registry.Get(*c.model.ServiceContent.PerfManager).(*simulator.PerformanceManager)
	s := &statistics{PerformanceManager: manager, center: c, counters: map[int32]string{}, level: map[int32]int32{}}
	for _, counter := range vpx.PerfCounter {
		name := counter.GroupInfo.GetElementDescription().Key + "." + counter.NameInfo.GetElementDescription().Key + "." + string(counter.RollupType)
		s.counters[counter.Key], s.level[counter.Key] = name, counter.Level
	}
	c.registry.Put(s)
	options := c.registry.OptionManager()
	options.Setting = append(options.Setting, &types.OptionValue{Key: statisticsOption, Value: strconv.Itoa(maxQueryMetrics)})
}

// QueryAvailablePerfMetric lists what a VM or host has at that interval.
func (s *statistics) QueryAvailablePerfMetric(ctx *simulator.Context, req *types.QueryAvailablePerfMetric) soap.HasFault {
	if req.Entity.Type != "VirtualMachine" && req.Entity.Type != "HostSystem" {
		return s.PerformanceManager.QueryAvailablePerfMetric(ctx, req)
	}
	body := &methods.QueryAvailablePerfMetricBody{Res: new(types.QueryAvailablePerfMetricResponse)}
	for _, counter := range vpx.PerfCounter {
		if s.has(counter.Key, req.IntervalId) {
			body.Res.Returnval = append(body.Res.Returnval, types.PerfMetricId{CounterId: counter.Key})
		}
	}
	return body
}

// has tells whether there are samples of a counter: all in real time, level 1 in the history.
func (s *statistics) has(counter, interval int32) bool {
	_, known := formulas[s.counters[counter]]
	return known && (interval == realtime || interval == 0 || s.level[counter] <= 1)
}

// QueryPerf returns series, oldest sample first, as numbers or as CSV.
func (s *statistics) QueryPerf(ctx *simulator.Context, req *types.QueryPerf) soap.HasFault {
	body := &methods.QueryPerfBody{Res: new(types.QueryPerfResponse)}
	metrics := 0
	for _, spec := range req.QuerySpec {
		metrics += len(spec.MetricId)
	}
	if metrics > maxQueryMetrics {
		body.Fault_ = simulator.Fault("This operation is restricted by the administrator - 'vpxd.stats.maxQueryMetrics'.", new(types.RestrictedByAdministrator))
		return body
	}
	now := time.Now().UTC()
	for _, spec := range req.QuerySpec {
		if s.center.registry.Get(spec.Entity) == nil {
			body.Fault_ = simulator.Fault("", &types.ManagedObjectNotFound{Obj: spec.Entity})
			return body
		}
		if entity := s.entity(spec, now); entity != nil {
			body.Res.Returnval = append(body.Res.Returnval, entity)
		}
	}
	return body
}

func (s *statistics) entity(spec types.PerfQuerySpec, now time.Time) types.BasePerfEntityMetricBase {
	interval := spec.IntervalId
	if interval <= 0 {
		interval = realtime
	}
	reach, ok := kept[interval]
	if !ok {
		return nil
	}
	subject := s.subject(spec.Entity)
	if subject == nil {
		return nil
	}
	ends := slots(spec, interval, now, max(subject.born.Unix(), now.Add(-reach).Unix()))
	if subject.idle {
		ends = nil
	}
	wanted := spec.MetricId
	if len(wanted) == 0 {
		for id := range s.counters {
			wanted = append(wanted, types.PerfMetricId{CounterId: id})
		}
	}
	base := types.PerfEntityMetricBase{Entity: spec.Entity}
	numbers := &types.PerfEntityMetric{PerfEntityMetricBase: base}
	text := &types.PerfEntityMetricCSV{PerfEntityMetricBase: base}
	if len(ends) == 0 {
		if spec.Format == string(types.PerfFormatCsv) {
			return text
		}
		return numbers
	}
	var info []string
	for _, end := range ends {
		numbers.SampleInfo = append(numbers.SampleInfo, types.PerfSampleInfo{Timestamp: end, Interval: interval})
		info = append(info, strconv.Itoa(int(interval)), end.Format(time.RFC3339))
	}
	text.SampleInfoCSV = strings.Join(info, ",")
	last := now.Unix() / int64(interval) * int64(interval)
	for _, id := range wanted {
		if !s.has(id.CounterId, interval) || (id.Instance != "" && id.Instance != "*") {
			continue
		}
		id.Instance = ""
		formula := formulas[s.counters[id.CounterId]]
		values := make([]int64, len(ends))
		written := make([]string, len(ends))
		for i, end := range ends {
			age := time.Duration(last-end.Unix()) * time.Second
			values[i] = subject.value(formula, age, time.Duration(interval)*time.Second)
			written[i] = strconv.FormatInt(values[i], 10)
		}
		series := types.PerfMetricSeries{Id: id}
		numbers.Value = append(numbers.Value, &types.PerfMetricIntSeries{PerfMetricSeries: series, Value: values})
		text.Value = append(text.Value, types.PerfMetricSeriesCSV{PerfMetricSeries: series, Value: strings.Join(written, ",")})
	}
	if spec.Format == string(types.PerfFormatCsv) {
		return text
	}
	return numbers
}

// slots are the ends of the intervals that were asked for and kept, oldest first.
func slots(spec types.PerfQuerySpec, interval int32, now time.Time, oldest int64) []time.Time {
	step := int64(interval)
	from, to := oldest, now.Unix()
	if spec.StartTime != nil {
		from = max(from, spec.StartTime.Unix())
	}
	if spec.EndTime != nil {
		to = min(to, spec.EndTime.Unix())
	}
	var ends []time.Time
	for end := to / step * step; end > from; end -= step {
		if spec.MaxSample > 0 && len(ends) >= int(spec.MaxSample) {
			break
		}
		ends = append(ends, time.Unix(end, 0).UTC())
	}
	for i, j := 0, len(ends)-1; i < j; i, j = i+1, j-1 {
		ends[i], ends[j] = ends[j], ends[i]
	}
	return ends
}
