import { barAt, neighbour, peaks, spans } from '../src/timeline/aggregate';
import { Bars, type Columns } from '../src/timeline/bars';
import { Samples } from '../src/timeline/samples';
import { moment, pan, ticks, whole, zoom } from '../src/timeline/time_range';
import { TimeWindow } from '../src/timeline/time_window';

const [RUNNING, SUCCEEDED, FAILED] = [1, 2, 5];

type Row = [quantum: number, lane: number, start: number, end: number, status: number];

function columns(rows: Row[]): Columns {
  return {
    quantum: Uint32Array.from(rows, row => row[0]),
    lane: Uint32Array.from(rows, row => row[1]),
    label: new Uint32Array(rows.length),
    start: Float64Array.from(rows, row => row[2]),
    end: Float64Array.from(rows, row => row[3]),
    status: Uint8Array.from(rows, row => row[4]),
  };
}

function bars(rows: Row[]): Bars {
  const result = new Bars();
  result.put([...rows.keys()], columns(rows));
  return result;
}

describe('bars', () => {
  test('are kept by lane and start, also if they come in another order', () => {
    const some = bars([
      [7, 0, 5, 6, SUCCEEDED],
      [8, 1, 0, 1, SUCCEEDED],
      [9, 0, 1, 2, SUCCEEDED],
    ]);
    expect(some.lane(0)).toEqual([2, 0]);
    expect(some.of(8)).toBe(1);
    expect(some.of(99)).toBe(-1);
  });

  test('that run reach until now, and get an end later', () => {
    const some = bars([[7, 0, 5, NaN, RUNNING]]);
    expect(some.end(0, 9)).toBe(9);
    some.put([0], columns([[7, 0, 5, 8, SUCCEEDED]]));
    expect(some.count).toBe(1);
    expect(some.lane(0)).toEqual([0]);
    expect(some.end(0, 9)).toBe(8);
  });

  test('grow beyond any first guess', () => {
    const rows = Array.from({ length: 5000 }, (_, i): Row => [i, i % 3, i, i + 1, SUCCEEDED]);
    const many = bars(rows);
    expect(many.count).toBe(5000);
    expect(many.columns.start[4999]).toBe(4999);
    expect(many.from(0, 3000, 5000)).toBe(1000);
  });
});

describe('what is painted', () => {
  test('is each bar by itself if it is wide enough', () => {
    const some = bars([
      [1, 0, 0, 10, SUCCEEDED],
      [2, 0, 12, NaN, RUNNING],
    ]);
    expect(spans(some, 0, { from: 0, to: 20 }, 200, 20)).toEqual([
      { from: 0, to: 100, status: SUCCEEDED, cover: 1, place: 0 },
      { from: 120, to: 200, status: RUNNING, cover: 1, place: 1 },
    ]);
    expect(spans(some, 0, { from: 10.5, to: 11.5 }, 200, 20)).toEqual([]);
  });

  test('never is more than the pixels, and one failure among thousands shows', () => {
    const rows = Array.from({ length: 100_000 }, (_, i): Row => [
      i,
      0,
      i,
      i + 0.9,
      i === 40_017 ? FAILED : SUCCEEDED,
    ]);
    const painted = spans(bars(rows), 0, whole(100_000), 800, 100_000);
    expect(painted.length).toBeLessThanOrEqual(800);
    const failures = painted.filter(span => span.status === FAILED);
    expect(failures).toHaveLength(1);
    expect(failures[0].from).toBe(Math.floor((40_017.45 / 102_000) * 800));
    expect(painted[0].cover).toBe(1);
  });

  test('is fainter where little happens', () => {
    const rows = Array.from({ length: 100 }, (_, i): Row => [i, 0, i * 10, i * 10 + 1, SUCCEEDED]);
    const painted = spans(bars(rows), 0, { from: 0, to: 1000 }, 100, 1000);
    expect(painted).toEqual([{ from: 0, to: 100, status: SUCCEEDED, cover: 0.25, place: -1 }]);
  });

  test('memory keeps its peaks', () => {
    const samples = Float64Array.of(0, 1, 0.1, 9, 0.2, 2, 5, 3);
    const highest = peaks(samples, 4, { from: 0, to: 10 }, 10);
    expect([highest[0], highest[1], highest[5]]).toEqual([9, NaN, 3]);
  });
});

describe('pointing', () => {
  const some = bars([
    [1, 0, 0, 10, SUCCEEDED],
    [2, 0, 12, 20, SUCCEEDED],
  ]);

  test('hits a bar, or one that is near', () => {
    expect(barAt(some, 0, 5, 0, 20)).toBe(0);
    expect(barAt(some, 0, 11.5, 1, 20)).toBe(1);
    expect(barAt(some, 0, 11, 0.5, 20)).toBe(-1);
    expect(barAt(some, 3, 5, 1, 20)).toBe(-1);
  });
});

describe('time', () => {
  test('zooms around a moment, and stays within the run', () => {
    const range = zoom({ from: 0, to: 100 }, 2, 20, 100);
    expect(range).toEqual({ from: 10, to: 60 });
    expect(zoom(range, 0.01, 20, 100).from).toBe(0);
    expect(zoom(range, 0.01, 20, 100).to).toBeCloseTo(whole(100).to);
    expect(pan({ from: 0, to: 50 }, -10, 100)).toEqual({ from: 0, to: 50 });
    expect(pan({ from: 0, to: 50 }, 500, 100).to).toBeCloseTo(102);
  });

  test('has round ticks that keep their distance', () => {
    expect(ticks({ from: 0, to: 10 }, 900)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(ticks({ from: 0, to: 3600 }, 900)).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600]);
    for (const span of [0.01, 0.3, 7, 65, 400, 5000, 90_000, 2_000_000]) {
      const marks = ticks({ from: 0, to: span }, 800);
      expect(marks.length).toBeGreaterThan(1);
      expect(((marks[1] - marks[0]) / span) * 800).toBeGreaterThanOrEqual(89);
    }
  });

  test('is written as suits the span', () => {
    expect(moment(0.24, 1)).toBe('0.2 s');
    expect(moment(12, 60)).toBe('12 s');
    expect(moment(150, 600)).toBe('2:30');
    expect(moment(5400, 9000)).toBe('1:30:00');
  });
});

describe('the keyboard', () => {
  const some = bars([
    [1, 0, 0, 10, SUCCEEDED],
    [2, 0, 12, 20, SUCCEEDED],
    [3, 2, 14, 15, FAILED],
  ]);

  test('goes along a lane and across lanes, and stops at the ends', () => {
    expect(neighbour(some, -1, 1, 0, 20)).toBe(0);
    expect(neighbour(some, 0, 1, 0, 20)).toBe(1);
    expect(neighbour(some, 1, 1, 0, 20)).toBe(1);
    expect(neighbour(some, 1, 0, 1, 20)).toBe(2);
    expect(neighbour(some, 2, 0, -1, 20)).toBe(1);
  });
});

describe('the window', () => {
  let clock = 0;
  const live = (): TimeWindow => {
    clock = 0;
    const window = new TimeWindow(() => clock);
    window.now = 100;
    window.live = true;
    return window;
  };

  test('shows all of a run, and grows with it', () => {
    const window = live();
    clock = 50;
    window.keepUp();
    expect(window.now).toBe(150);
    expect(window.range).toEqual(whole(150));
  });

  test('keeps to the right edge if that was in sight, else stays', () => {
    const window = live();
    window.zoom(4, 100);
    const span = window.range.to - window.range.from;
    clock = 60;
    window.keepUp();
    expect(window.range.to).toBeGreaterThan(160);
    expect(window.range.to - window.range.from).toBeCloseTo(span);
    window.pan(-100);
    const { range } = window;
    clock = 500;
    window.keepUp();
    expect(window.range).toEqual(range);
    window.fit();
    expect(window.range).toEqual(whole(600));
  });

  test('time stands when the run is over', () => {
    const window = live();
    clock = 10;
    window.live = false;
    clock = 90;
    expect(window.now).toBe(110);
  });
});

test('readings are found by time', () => {
  const samples = new Samples();
  expect(samples.nearest(3)).toBeNull();
  for (let i = 0; i < 1000; i += 1) samples.add(Float64Array.of(i, 10 * i));
  expect(samples.nearest(700.3)).toEqual([700, 7000]);
});
