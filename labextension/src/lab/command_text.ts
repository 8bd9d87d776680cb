/** From what a form says to a command, and back to nothing that the shell would misread. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { OptionRow } from './api';

/** What the form has for an option: text, or whether it is set. */
export type Values = Record<string, string | boolean | undefined>;

/** Quote a word for the magic and for a shell, if it needs that. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** Write the command; options that are left alone are left out. */
export function commandText(options: readonly OptionRow[], values: Values): string {
  const words = ['%pipetask run'];
  for (const option of options) {
    const value = values[option.name];
    if (value === undefined || value === '' || value === option.default) continue;
    if (option.kind === 'flag') {
      if (value === true) words.push(option.flag);
      else if (option.off_flag) words.push(option.off_flag);
      continue;
    }
    const several = option.kind === 'repeat' || option.kind === 'pairs' || option.kind === 'action';
    const parts = several ? String(value).split('\n') : [String(value)];
    for (const part of parts.map(text => text.trim()).filter(Boolean)) {
      if (part !== String(option.default)) words.push(`${option.short} ${quote(part)}`);
    }
  }
  return words.join(' ');
}

/** Whether an expression ends in the midst of something. */
function unfinished(expression: string): boolean {
  const plain = expression.replace(/'[^']*'|"[^"]*"/g, 'x');
  const open = plain.split('(').length - plain.split(')').length;
  return open > 0 || /['"]/.test(plain) || /([=<>,(!+*/-]|\b(and|or|not|in|overlaps))\s*$/i.test(plain);
}

/** What is missing or wrong, by name of the option. */
export function problems(
  options: readonly OptionRow[],
  values: Values,
  trans: TranslationBundle,
): Record<string, string> {
  const found: Record<string, string> = {};
  const has = (name: string): boolean => Boolean(values[name]);
  if (!has('butler_config')) found.butler_config = trans.__('A repository is needed.');
  if (!has('pipeline') && !has('qgraph'))
    found.pipeline = trans.__('A pipeline file, or a quantum graph, is needed.');
  if (!has('output') && !has('output_run') && !has('qgraph'))
    found.output = trans.__('An output collection is needed.');
  if (unfinished(String(values.data_query ?? '')))
    found.data_query = trans.__('This expression is not finished.');
  for (const { name, kind, minimum } of options) {
    const value = values[name];
    if (kind !== 'integer' || !value) continue;
    const number = Number(value);
    if (!Number.isInteger(number) || number < (minimum ?? -Infinity)) {
      found[name] =
        minimum === null
          ? trans.__('A whole number is needed.')
          : trans.__('A whole number of %1 or more is needed.', minimum);
    }
  }
  return found;
}

/** The first cell of a new notebook. */
export const LOAD = '%load_ext jupyter_mpexec';

/**
 * What is put into any notebook loads the extension itself: whether a cell that loads it has been run in this kernel
 * cannot be seen. Of the two magics only this one is silent where it is loaded already.
 */
export function withExtension(code: string): string {
  return `%reload_ext jupyter_mpexec\n${code}`;
}
