import type { TranslationBundle } from '@jupyterlab/translation';
import type { OptionRow, RunRow } from '../src/lab/api';
import { isPipetaskCell, tokens } from '../src/lab/cell_tokens';
import { commandText, problems, quote, withExtension } from '../src/lab/command_text';
import { shortened, tabName } from '../src/lab/names';
import { noAnswer, refusal } from '../src/lab/refusals';
import { Resuming } from '../src/lab/resuming';
import { ago, inOrder, progressText, shares, shortId } from '../src/lab/run_words';

/** What JupyterLab has where there is no other language. */
const trans = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1])),
} as unknown as TranslationBundle;

function run(values: Partial<RunRow>): RunRow {
  return {
    id: 'u-me-x-20260101T000000-abcdef',
    state: 'running',
    look: { glyph: '►', word: 'running', css: 'jmpx-s-running' },
    is_alive: true,
    is_final: false,
    can_resume: false,
    counts: {},
    total: 0,
    ended: 0,
    output: 'u/me/x',
    repository: '/repo',
    started_at: 0,
    finished_at: null,
    trouble: '',
    ...values,
  };
}

function option(values: Partial<OptionRow>): OptionRow {
  return {
    name: 'output',
    flag: '--output',
    short: '-o',
    off_flag: '',
    help: '',
    group: 'Data',
    kind: 'text',
    metavar: '',
    minimum: null,
    choices: [],
    default: null,
    ...values,
  };
}

describe('runs in words', () => {
  test('progress says first what went wrong, which is not done', () => {
    const counts = { succeeded: 1038, failed: 2, blocked: 10, pending: 6 };
    const row = run({ total: 1056, ended: 1050, counts });
    expect(progressText(row, trans)).toBe('2 failed, 10 blocked, 1,038 of 1,056 done');
    // In a list there is room for one trouble; what is left over is not counted as done.
    expect(progressText(row, trans, 1)).toBe('2 failed, 1,038 of 1,056 done');
    const stopped = run({ total: 56, ended: 56, counts: { succeeded: 20, cancelled: 36 } });
    expect(progressText(stopped, trans, 1)).toBe('36 cancelled, 20 of 56 done');
    expect(progressText(run({ total: 5, ended: 5, counts: { succeeded: 5 } }), trans)).toBe('5 of 5 done');
    expect(progressText(run({}), trans)).toBe('getting ready');
    expect(progressText(run({ is_final: true }), trans)).toBe('did not begin');
    expect(progressText(run({ total: 5, trouble: 'damaged' }), trans)).toBe('damaged');
  });

  test('age', () => {
    expect(ago(100, 103, trans)).toBe('just now');
    expect(ago(0, 3700, trans)).toBe('1 h ago');
    expect(ago(0, 86400 * 3 + 3600, trans)).toBe('3 d ago');
    // Clocks differ.
    expect(ago(200, 100, trans)).toBe('just now');
  });

  test('a bar leaves out what is pending, and keeps the order of all bars', () => {
    const parts = shares({ pending: 5, failed: 1, succeeded: 4 }, trans);
    expect(parts.map(part => [part.word, part.percent])).toEqual([
      ['4 succeeded', 40],
      ['1 failed', 10],
    ]);
    expect(shares({}, trans)).toEqual([]);
  });

  test('in a dead run nothing is running', () => {
    const words = (isAlive: boolean): string[] =>
      shares({ running: 2, succeeded: 4 }, trans, isAlive).map(part => part.word);
    expect(words(true)).toEqual(['4 succeeded', '2 running']);
    expect(words(false)).toEqual(['4 succeeded', '2 broken off']);
  });

  test('what goes on comes first, then the newest', () => {
    const rows = [
      run({ id: 'old', is_alive: false, started_at: 1 }),
      run({ id: 'new', is_alive: false, started_at: 9 }),
      run({ id: 'live', started_at: 5 }),
    ];
    expect(inOrder(rows).map(row => row.id)).toEqual(['live', 'new', 'old']);
    expect(rows[0].id).toBe('old');
  });

  test('long names are told apart by their ends', () => {
    expect([shortened('u/me/x'), tabName('u/me/x')]).toEqual(['u/me/x', 'u/me/x']);
    const long = 'u/somebody/DM-49709/step1-single-frame-with-new-crosstalk-coefficients-and-gains-2';
    expect(shortened(long)).toHaveLength(72);
    expect(shortened(long)).toMatch(/^u\/somebody\/DM-49709\/.*….*coefficients-and-gains-2$/);
    expect(tabName('u/somebody/DM-49709/step2/a')).toBe('…/DM-49709/step2/a');
    expect(tabName(long)).toMatch(/^…\/step1-single/);
    expect(tabName('one-part-that-is-longer-than-all')).toBe('one-part-that-is-longer-than-all');
  });

  test('why there is no answer is said in words for people', () => {
    expect(noAnswer(trans)[0]).toBe('The Jupyter server does not answer.');
    expect(refusal(403, 'Forbidden', trans).join(' ')).toMatch(/\(403: Forbidden\).*reload the page/);
    expect(refusal(404, 'Not Found', trans)[1]).toBe('jupyter server extension enable jupyter_mpexec');
    expect(refusal(500, 'Internal Server Error', trans)).toEqual(['Internal Server Error', '']);
  });

  test('the end of an identifier', () => {
    expect(shortId('u-me-x-20260101T000000-abcdef')).toBe('abcdef');
  });
});

describe('from a form to a command', () => {
  const options = [
    option({ name: 'butler_config', flag: '--butler-config', short: '-b' }),
    option({ name: 'pipeline', flag: '--pipeline', short: '-p' }),
    option({}),
    option({ name: 'data_query', flag: '--data-query', short: '-d' }),
    option({ name: 'processes', flag: '--processes', short: '-j', kind: 'integer', minimum: 1, default: 1 }),
    option({ name: 'fail_fast', flag: '--fail-fast', short: '--fail-fast', kind: 'flag', default: false }),
    option({ name: 'log_tty', flag: '--log-tty', off_flag: '--no-log-tty', kind: 'flag', default: true }),
    option({ name: 'bind', flag: '--bind', short: '--bind', kind: 'pairs' }),
  ];

  test('only what was changed is written', () => {
    const values = {
      butler_config: '/repo',
      pipeline: 'a.yaml',
      output: 'u/me',
      processes: '1',
      fail_fast: false,
    };
    expect(commandText(options, { ...values, log_tty: true })).toBe(
      '%pipetask run -b /repo -p a.yaml -o u/me',
    );
    expect(
      commandText(options, { processes: '4', fail_fast: true, log_tty: false, bind: 'a=1\n\nb=2' }),
    ).toBe('%pipetask run -j 4 --fail-fast --no-log-tty --bind a=1 --bind b=2');
  });

  test('words are quoted where a shell would misread them', () => {
    expect(commandText(options, { data_query: "visit = 42 AND instrument = 'HSC'" })).toBe(
      `%pipetask run -d 'visit = 42 AND instrument = '"'"'HSC'"'"''`,
    );
    expect(quote('a b')).toBe("'a b'");
    expect(quote('$(rm)')).toBe("'$(rm)'");
    expect(quote('u/me/x,y')).toBe('u/me/x,y');
  });

  test('what is missing is said', () => {
    expect(Object.keys(problems(options, {}, trans))).toEqual(['butler_config', 'pipeline', 'output']);
    expect(problems(options, { butler_config: 'r', pipeline: 'p', output: 'o' }, trans)).toEqual({});
    expect(problems(options, { butler_config: 'r', qgraph: 'g.qg' }, trans)).toEqual({});
    const wrong = problems(
      options,
      { butler_config: 'r', pipeline: 'p', output: 'o', processes: '0' },
      trans,
    );
    expect(wrong).toEqual({ processes: 'A whole number of 1 or more is needed.' });
  });

  test.each([
    ['visit = 42', true],
    ["instrument = 'HSC' AND detector IN (1..4)", true],
    ["physical_filter = 'and'", true],
    ['exposure =', false],
    ['visit = 42 and ', false],
    ['detector IN (1, 2', false],
    ["instrument = 'HSC", false],
    ['brand', true],
  ])('the expression %p is finished: %p', (data_query, finished) => {
    const found = problems(options, { butler_config: 'r', pipeline: 'p', output: 'o', data_query }, trans);
    expect(found).toEqual(finished ? {} : { data_query: 'This expression is not finished.' });
  });

  test('a cell works in a kernel that was started anew, and says nothing where the extension is loaded', () => {
    expect(withExtension('%pipetask runs')).toBe('%reload_ext jupyter_mpexec\n%pipetask runs');
  });
});

describe('resuming', () => {
  test('a run waits, once, until the answer is there', async () => {
    const resuming = new Resuming();
    let told = 0;
    const stop = resuming.follow(() => (told += 1));
    let answer: () => void = () => undefined;
    const waiting = resuming.resume('a', 'u/a', () => new Promise<void>(resolve => (answer = resolve)));
    await resuming.resume('a', 'u/a', () => Promise.reject(new Error('a second process')));
    expect([resuming.isWaiting('a'), resuming.isWaiting('b'), told]).toEqual([true, false, 1]);
    answer();
    await waiting;
    expect([resuming.isWaiting('a'), resuming.errors(), told]).toEqual([false, [], 2]);
    stop();
    await resuming.resume('b', 'u/b', () => Promise.resolve());
    expect(told).toBe(2);
  });

  test('an error stays until it is dismissed, or the run is resumed again', async () => {
    const resuming = new Resuming();
    const error = new Error("No module named 'mytasks'");
    await resuming.resume('a', 'u/a', () => Promise.reject(error));
    await resuming.resume('b', 'u/b', () => Promise.reject(error));
    expect(resuming.errors('a')).toEqual([{ id: 'a', name: 'u/a', error }]);
    expect(resuming.errors().map(each => each.id)).toEqual(['a', 'b']);
    resuming.dismiss('b');
    expect(resuming.errors().map(each => each.id)).toEqual(['a']);
    await resuming.resume('a', 'u/a', () => Promise.resolve());
    expect(resuming.errors()).toEqual([]);
  });
});

describe('cells', () => {
  const kinds = (line: string): string[] =>
    tokens(line).map(({ from, to, kind }) => `${kind} ${line.slice(from, to)}`);

  test('a pipeline', () => {
    expect(kinds('  isr: # first')).toEqual(['key isr', 'comment # first']);
    expect(kinds("    class: 'a.b'")).toEqual(['key class', "string 'a.b'"]);
    expect(kinds('  - label: single')).toEqual(['key label']);
    expect(kinds('      threshold: 5.5')).toEqual(['key threshold', 'number 5.5']);
    expect(kinds('  doIt: true')).toEqual(['key doIt', 'atom true']);
    expect(kinds('  location: resource://a/b.yaml#x')).toEqual(['key location']);
  });

  test('options', () => {
    expect(kinds('-b repo --output u/me')).toEqual(['option -b', 'option --output']);
    expect(kinds(`-d "visit = 42" -j 4`)).toEqual([
      'option -d',
      'string "visit = 42"',
      'option -j',
      'number 4',
    ]);
    expect(kinds('u/me-x/r2d2')).toEqual([]);
  });

  test('only ours', () => {
    expect(isPipetaskCell('%%pipetask run -b repo')).toBe(true);
    expect(isPipetaskCell('%%pipetasks')).toBe(false);
    expect(isPipetaskCell('# %%pipetask')).toBe(false);
  });
});
