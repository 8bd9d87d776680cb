import { ContentsManager, Drive } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Newest } from '../src/lab/newest';
import { ServerFile } from '../src/lab/server_file';

const trans = {
  __: (text: string, ...values: unknown[]) =>
    text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1])),
} as unknown as TranslationBundle;

describe('a document as a file of the server', () => {
  const contents = new ContentsManager();
  for (const name of ['RTC', 'S3']) contents.addDrive(new Drive({ name }));

  test('its name and path are those that it has now', () => {
    const context = { path: 'a/b.yaml' };
    const file = new ServerFile(context, contents, trans);
    expect([file.name, file.path]).toEqual(['b.yaml', 'a/b.yaml']);
    context.path = 'RTC:c/d.yaml';
    expect([file.name, file.path]).toEqual(['d.yaml', 'c/d.yaml']);
  });

  test('a file of another drive is refused: one of the same path on the server is another file', () => {
    const file = new ServerFile({ path: 'S3:a/b.yaml' }, contents, trans);
    expect(file.name).toBe('b.yaml');
    expect(() => file.path).toThrow('This file is on the drive S3:.');
  });
});

describe('what is asked for more often than it can be done', () => {
  test('is done for the first and for the last, one after the other', async () => {
    let text = '';
    const begun: string[] = [];
    const shown: string[] = [];
    const answers: (() => void)[] = [];
    const drawing = new Newest(async isOld => {
      const asked = text;
      begun.push(asked);
      await new Promise<void>(resolve => answers.push(resolve));
      if (!isOld()) shown.push(asked);
    });
    let waiting: Promise<void> | undefined;
    for (text of ['a', 'ab', 'abc', 'abcd']) waiting = drawing.ask();
    expect(begun).toEqual(['a']);
    answers[0]();
    await new Promise(resolve => setTimeout(resolve));
    expect(begun).toEqual(['a', 'abcd']);
    answers[1]();
    await waiting;
    expect(shown).toEqual(['abcd']);
    text = 'later';
    void drawing.ask();
    expect(begun).toEqual(['a', 'abcd', 'later']);
  });
});
