/** @jest-environment jsdom */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { RunDetails, RunRow } from '../src/lab/api';
import { patch } from '../src/lab/patch';
import { ReportPage } from '../src/lab/report_page';
import { Resuming } from '../src/lab/resuming';
import { RunPage } from '../src/lab/run_page';
import { RunsList, type RunActions } from '../src/lab/runs_list';
import { html } from '../src/common/dom';

/** What JupyterLab has where there is no other language. */
const trans = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1])),
} as unknown as TranslationBundle;

function run(values: Partial<RunDetails> = {}): RunDetails {
  return {
    id: 'u-me-x-20260101T000000-abcdef',
    state: 'running',
    look: { glyph: '►', word: 'running', css: 'jmpx-s-running' },
    is_alive: true,
    is_final: false,
    can_resume: false,
    counts: { succeeded: 1, pending: 9 },
    total: 10,
    ended: 1,
    output: 'u/me/x',
    repository: '/repo',
    started_at: 0,
    finished_at: null,
    trouble: '',
    version: '1',
    facts: [['Quanta', '1 of 10 ended']],
    tasks: [{ label: 'isr', total: 10, counts: { succeeded: 1 }, median: '1 s', longest: '1 s' }],
    failures: [],
    command: 'pipetask run -b /repo',
    has_graph: false,
    ...values,
  };
}

const over = { is_alive: false, is_final: true, can_resume: true };

/** What was asked for, with the state that the run had in the page. */
let asked: string[];
let why = '';

function actions(resuming = new Resuming()): RunActions {
  const note = (act: string) => (row: RunRow) => asked.push(`${act} ${row.id.slice(-6)} ${row.ended}`);
  return {
    resuming,
    whyNoAttach: () => why,
    open: note('open'),
    report: note('report'),
    attach: note('attach'),
    stop: note('stop'),
    resume: note('resume'),
    remove: note('remove'),
    start: () => undefined,
    refresh: () => undefined,
  };
}

function button(word: string, inside: Element = document.body): HTMLButtonElement {
  const found = [...inside.querySelectorAll('button')].find(each => each.textContent === word);
  if (!found) throw new Error(`There is no button ${word} in: ${inside.textContent}`);
  return found;
}

const words = (): string[] =>
  [...document.querySelectorAll('.jmpl-buttons button')].map(each => each.textContent);

beforeEach(() => {
  document.body.replaceChildren();
  asked = [];
  why = '';
});

describe('elements that are made like others', () => {
  const item = (key: string, text: string): HTMLElement => html('li', { 'data-key': key }, text);
  const texts = (list: Element): (string | null)[] => [...list.children].map(each => each.textContent);

  test('what has a key is known by it, wherever it comes to be', () => {
    const list = html('ul');
    patch(list, [item('a', 'a1'), item('b', 'b1'), item('c', 'c1')]);
    const [a, b, c] = list.children;
    patch(list, [item('c', 'c2'), item('new', 'n2'), item('b', 'b2')]);
    expect(texts(list)).toEqual(['c2', 'n2', 'b2']);
    expect([list.children[0], list.children[2]]).toEqual([c, b]);
    expect(a.isConnected).toBe(false);
    patch(list, []);
    expect(list.childNodes).toHaveLength(0);
  });

  test('the rest is known by its place and its tag; attributes are those that are wanted', () => {
    const host = html('div');
    patch(host, ['one', html('b', { title: 'x', class: 'old' }, 'two')]);
    const [text, bold] = host.childNodes;
    patch(host, ['ONE', html('b', { class: 'new', disabled: true }, 'two', html('i', {}, 'three'))]);
    expect(host.outerHTML).toBe('<div>ONE<b class="new" disabled="">two<i>three</i></b></div>');
    expect([...host.childNodes]).toEqual([text, bold]);
    patch(host, [html('b', {}, 'two'), html('p', {}, 'four'), html('p', {}, 'five')]);
    expect(host.outerHTML).toBe('<div><b>two</b><p>four</p><p>five</p></div>');
  });

  test('the focus stays where it was, also in what changes its place', () => {
    const list = html('div');
    document.body.append(list);
    const press = (key: string): HTMLElement => html('button', { 'data-key': key }, key);
    patch(list, [press('a'), press('b'), press('c')]);
    const last = list.children[2] as HTMLElement;
    last.focus();
    patch(list, [press('c'), press('a')]);
    expect(document.activeElement).toBe(last);
  });
});

describe('the page of a run', () => {
  /** A page whose run is what the test says it is. */
  function pageOf(answers: (RunDetails | undefined)[], how = actions()): { page: RunPage; since: unknown[] } {
    const since: unknown[] = [];
    const api = {
      run: (_: string, version?: string) => {
        since.push(version);
        return Promise.resolve(answers.shift());
      },
      graph: () => Promise.reject(new Error('no graph here')),
    };
    const page = new RunPage(api, run().id, how, trans);
    document.body.append(page.node);
    return { page, since };
  }

  test('focus, selection and a click under way outlive an update', async () => {
    const later = run({ counts: { succeeded: 2, pending: 8 }, ended: 2, version: '2' });
    const { page } = pageOf([run(), later]);
    await page.update();
    const stop = button('Stop');
    stop.focus();
    const command = page.node.querySelector('pre')!;
    getSelection()!.selectAllChildren(command);
    await page.update();
    expect(page.node.textContent).toContain('2 of 10 done');
    expect(button('Stop')).toBe(stop);
    expect(document.activeElement).toBe(stop);
    expect(getSelection()!.toString()).toBe('pipetask run -b /repo');
    // A click is one on what the mouse was pressed on.
    stop.click();
    // With what is known of the run now.
    expect(asked).toEqual(['stop abcdef 2']);
  });

  test('the buttons are those of the state; a new one does not do what the old one did', async () => {
    const resuming = new Resuming();
    const { page } = pageOf([run(), run({ ...over, version: '2' })], actions(resuming));
    expect(await page.update()).toBe(true);
    expect(words()).toEqual(['Attach', 'Report', 'Stop']);
    expect(await page.update()).toBe(false);
    expect(words()).toEqual(['Attach', 'Report', 'Resume']);
    for (const word of words()) button(word).click();
    expect(asked).toEqual(['attach abcdef 1', 'report abcdef 1', 'resume abcdef 1']);
    void resuming.resume(run().id, 'x', () => new Promise(() => undefined));
    expect(button('Resuming…').disabled).toBe(true);
  });

  test('what has not changed is not drawn again, and the server is told what is known', async () => {
    const { page, since } = pageOf([
      run({ version: 'a' }),
      undefined,
      undefined,
      run({ ...over, version: 'b' }),
      undefined,
    ]);
    await page.update();
    const before = page.node.innerHTML;
    expect(await page.update()).toBe(true);
    expect(page.node.innerHTML).toBe(before);
    // Besides the run: a notebook was closed.
    why = 'Open a notebook first';
    await page.update();
    expect(button('Attach').disabled).toBe(true);
    await page.update();
    expect(await page.update()).toBe(false);
    expect(since).toEqual([undefined, 'a', 'a', 'a', 'b']);
  });

  test('of a run that was removed there is nothing to press, until it is there again', async () => {
    let answer = (): Promise<RunDetails | undefined> => Promise.resolve(run());
    const since: unknown[] = [];
    const api = {
      run: (_: string, version?: string) => {
        since.push(version);
        return answer();
      },
      graph: () => Promise.reject(new Error('no graph here')),
    };
    const page = new RunPage(api, run().id, actions(), trans);
    document.body.append(page.node);
    await page.update();
    const gone = Object.assign(new Error('There is no such run.'), { hint: 'Removed?', status: 404 });
    answer = () => Promise.reject(gone);
    await page.update();
    await page.update();
    expect(words()).toEqual([]);
    expect(page.node.querySelectorAll('.jmpl-error')).toHaveLength(1);
    // What was read stays.
    expect(page.node.textContent).toContain('The same from a shell');
    answer = () => Promise.resolve(run());
    await page.update();
    expect(words()).toEqual(['Attach', 'Report', 'Stop']);
    expect(since).toEqual([undefined, '1', undefined, undefined]);
    // Where the server only is away for a while, everything stays.
    answer = () => Promise.reject(Object.assign(new Error('away'), { status: 0 }));
    await page.update();
    expect(words()).toEqual(['Attach', 'Report', 'Stop']);
  });

  test('failures come before the tasks without changing these', async () => {
    const failures = [{ name: 'isr(visit=1)', task: 'isr', headline: 'ValueError: no' }];
    const { page } = pageOf([run(), run({ failures, n_failures: 1, version: '2' })]);
    await page.update();
    const cell = page.node.querySelector('td')!;
    expect(cell.textContent).toBe('isr');
    await page.update();
    expect(cell.isConnected).toBe(true);
    const titles = [...page.node.querySelectorAll('h3')].map(each => each.textContent);
    expect(titles).toEqual(['1 failed', 'Tasks', 'About', 'The same from a shell']);
  });
});

describe('the list of runs', () => {
  const other = run({ id: 'u-me-y-20260102T000000-fedcba', output: 'u/me/y', started_at: 9 });

  test('clicks and focus outlive what comes in meanwhile', () => {
    const list = new RunsList(actions(), trans);
    document.body.append(list.node);
    list.show({ now: 10, runs: [run()] });
    const head = list.node.querySelector<HTMLElement>('.jmpl-run-head')!;
    head.click();
    const stop = button('Stop');
    stop.focus();
    // A newer one comes before it.
    list.show({ now: 12, runs: [other, run({ ended: 5 })] });
    expect(list.node.querySelectorAll('.jmpl-run')).toHaveLength(2);
    expect([button('Stop'), document.activeElement]).toEqual([stop, stop]);
    stop.click();
    expect(asked).toEqual(['stop abcdef 5']);
    list.show({ now: 12, runs: [other, run(over)] });
    expect(words()).toEqual(['Open', 'Attach', 'Report', 'Resume', 'Delete…']);
    button('Delete…').click();
    expect(asked.pop()).toBe('remove abcdef 1');
    head.click();
    expect([words(), head.getAttribute('aria-expanded')]).toEqual([[], 'false']);
    head.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    expect(asked.pop()).toBe('open abcdef 1');
  });

  const many = (count: number): RunDetails[] =>
    Array.from({ length: count }, (_, n) =>
      run({
        ...over,
        id: `run-${String(n)}`,
        output: `u/me/${n % 2 ? 'odd' : 'even'}/${String(n)}`,
        started_at: -n,
      }),
    );
  const shown = (): (string | null)[] =>
    [...document.querySelectorAll('.jmpl-run')].map(each => each.getAttribute('data-key'));

  test('an identifier has one line, and its end once more when its row is opened', () => {
    const list = new RunsList(actions(), trans);
    document.body.append(list.node);
    const seen = (): unknown[] => {
      const name = list.node.querySelector('.jmpl-run-name')!;
      return [name.textContent, name.classList.contains('jmpl-cut')];
    };
    const early = run({ output: '', repository: '', total: 0, counts: {} });
    list.show({ now: 10, runs: [early] });
    expect(seen()).toEqual([early.id, true]);
    const head = list.node.querySelector<HTMLElement>('.jmpl-run-head')!;
    expect(head.title).toBe(early.id);
    head.click();
    expect(list.node.querySelector('.jmpl-run-more .jmpl-cut')!.textContent).toBe('abcdef');
    list.show({ now: 12, runs: [run()] });
    expect(seen()).toEqual(['u/me/x', false]);
    expect(list.node.querySelector('.jmpl-run-more .jmpl-cut')!.textContent).toBe('abcdef · /repo');
  });

  test('many runs are searched by their names and states', () => {
    const list = new RunsList(actions(), trans);
    document.body.append(list.node);
    const filter = list.node.querySelector<HTMLInputElement>('input[type=search]')!;
    const type = (text: string): void => {
      filter.value = text;
      filter.dispatchEvent(new Event('input'));
    };
    list.show({ now: 10, runs: many(5) });
    expect(filter.closest<HTMLElement>('.jmpl-filter')!.hidden).toBe(true);
    const failed = { look: { glyph: 'x', word: 'failed', css: '' } };
    list.show({ now: 10, runs: many(8).map((row, n) => (n % 3 ? row : { ...row, ...failed })) });
    expect(filter.closest<HTMLElement>('.jmpl-filter')!.hidden).toBe(false);
    expect(shown()).toHaveLength(8);
    type('ODD failed');
    expect(shown()).toEqual(['run-3']);
    expect(list.node.querySelector('[role=status]')!.textContent).toBe('1 of 8');
    // What comes in meanwhile is searched, too.
    list.show({ now: 12, runs: many(8).map(row => ({ ...row, ...failed })) });
    expect(shown()).toEqual(['run-1', 'run-3', 'run-5', 'run-7']);
    type('nowhere');
    expect(list.node.textContent).toContain('No run has all these words.');
    expect(list.node.textContent).not.toContain('No runs yet');
    type('');
    expect(shown()).toHaveLength(8);
  });

  test('arrows go from run to run, and the list is one stop of the Tab key', () => {
    const list = new RunsList(actions(), trans);
    document.body.append(list.node);
    list.show({ now: 10, runs: many(6) });
    const at = (): string | null | undefined =>
      document.activeElement?.closest('.jmpl-run')?.getAttribute('data-key');
    const press = (key: string): void => {
      document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    };
    const stops = (): (string | null)[] =>
      [...document.querySelectorAll<HTMLElement>('.jmpl-run-head')]
        .filter(head => head.tabIndex === 0)
        .map(head => head.closest('.jmpl-run')!.getAttribute('data-key'));
    expect(stops()).toEqual(['run-0']);
    list.node.querySelector('input')!.focus();
    press('ArrowDown');
    expect(at()).toBe('run-0');
    for (const [key, place] of [
      ['ArrowUp', 'run-0'],
      ['ArrowDown', 'run-1'],
      ['End', 'run-5'],
      ['ArrowDown', 'run-5'],
      ['Home', 'run-0'],
      ['ArrowDown', 'run-1'],
    ]) {
      press(key);
      expect([key, at(), stops()]).toEqual([key, place, [place]]);
    }
    press('ArrowRight');
    press('ArrowRight');
    expect(words()).toContain('Open');
    // From its buttons, arrows lead on; their own keys are theirs.
    button('Open').focus();
    press('Delete');
    press('ArrowLeft');
    expect([asked, words().length > 0]).toEqual([[], true]);
    press('ArrowDown');
    expect(at()).toBe('run-2');
    press('ArrowUp');
    press('ArrowLeft');
    expect(words()).toEqual([]);
    press('Delete');
    expect(asked).toEqual(['remove run-1 1']);
    // It is gone: its neighbour has the focus.
    list.show({ now: 12, runs: many(6).filter(row => row.id !== 'run-1') });
    expect([at(), stops()]).toEqual(['run-2', ['run-2']]);
    list.show({ now: 12, runs: many(2) });
    expect(at()).toBe('run-1');
    list.show({ now: 12, runs: many(1).map(row => ({ ...row, is_alive: true })) });
    press('Delete');
    expect([at(), asked]).toEqual(['run-0', ['remove run-1 1']]);
  });

  test('why there is nothing to attach to is said, and follows the notebooks', () => {
    const list = new RunsList(actions(), trans);
    document.body.append(list.node);
    why = 'Open a notebook first';
    list.show({ now: 10, runs: [run()] });
    list.node.querySelector<HTMLElement>('.jmpl-run-head')!.click();
    const attach = button('Attach');
    expect([attach.disabled, attach.title]).toEqual([true, why]);
    why = '';
    list.redraw();
    expect([button('Attach'), attach.disabled]).toEqual([attach, false]);
    attach.click();
    expect(asked).toEqual(['attach abcdef 1']);
  });
});

describe('the page of a report', () => {
  beforeAll(() => {
    // The browser of the tests has no preferences.
    window.matchMedia = () => new EventTarget() as MediaQueryList;
  });

  test('it is asked for again, and has the theme of the page', async () => {
    const reports = ['first', 'second'];
    const api = { report: () => Promise.resolve({ html: `<html><body>${reports.shift()}</body></html>` }) };
    const page = new ReportPage(api, 'x', trans);
    document.body.append(page.node);
    document.body.dataset.jpThemeLight = 'true';
    await page.update();
    const frame = page.node.querySelector('iframe')!;
    expect(frame.getAttribute('sandbox')).toBe('');
    expect(frame.srcdoc).toBe('<html data-theme="light"><body>first</body></html>');
    await page.update();
    expect(frame.srcdoc).toBe('<html data-theme="light"><body>second</body></html>');
    document.body.dataset.jpThemeLight = 'false';
    await Promise.resolve();
    expect(frame.srcdoc).toBe('<html data-theme="dark"><body>second</body></html>');
    page.dispose();
  });

  test('an error is said in its place, until there is a report', async () => {
    let broken = true;
    const api = {
      report: () =>
        broken ? Promise.reject(new Error('damaged')) : Promise.resolve({ html: '<html></html>' }),
    };
    const page = new ReportPage(api, 'x', trans);
    await page.update();
    expect(page.node.textContent).toBe('damaged');
    broken = false;
    await page.update();
    expect(page.node.querySelectorAll('iframe')).toHaveLength(1);
    expect(page.node.textContent).toBe('');
    page.dispose();
  });
});
