/** "Run pipeline…": a form with the options of `%pipetask run`, which become a command in a cell. */
import { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { html, set } from '../common/dom';
import type { OptionRow } from './api';
import { commandText, problems, type Values } from './command_text';
import { commandLine, wordButton } from './parts';
import type { TranslationBundle } from '@jupyterlab/translation';

/** What nearly every run needs; all else is folded away. */
const FIRST = [
  'butler_config',
  'pipeline',
  'input',
  'output',
  'data_query',
  'processes',
  'register_dataset_types',
];

/** What was typed is kept until it is in a notebook, however the form was closed. */
let kept: Values = {};

export function forgetForm(): void {
  kept = {};
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

class Form extends Widget {
  private readonly fields = new Map<string, Field>();
  private readonly command = html('pre', { class: 'jmpl-code', 'aria-live': 'polite' });
  private readonly wrong = new Map<string, HTMLElement>();
  private readonly initial: Values;

  constructor(
    private readonly options: readonly OptionRow[],
    private readonly trans: TranslationBundle,
  ) {
    super();
    const form = html('div', { class: 'jmpl-form' });
    this.node.className = 'jmpx jmpl jmpl-dialog';
    const first = FIRST.flatMap(name => options.filter(option => option.name === name));
    form.append(...first.map(option => this.field(option)));
    for (const group of new Set(options.map(option => option.group))) {
      const rest = options.filter(option => option.group === group && !first.includes(option));
      if (!rest.length) continue;
      const fields = html('fieldset', {}, ...rest.map(option => this.field(option)));
      form.append(html('details', {}, html('summary', {}, trans.__('More: %1', group)), fields));
    }
    form.addEventListener('input', () => {
      kept = this.values();
      this.preview();
    });
    this.node.append(form, this.command);
    if (Object.keys(kept).length) form.prepend(this.leftOver());
    this.initial = this.values();
    this.fill(kept);
    // JupyterLab puts the focus there.
    const shown = first.map(option => this.fields.get(option.name)!);
    const empty = shown.find(field => field.matches('input:not([type=checkbox]), textarea') && !field.value);
    (empty ?? shown.at(0))?.setAttribute('data-first', '');
  }

  getValue(): string {
    return commandText(this.options, this.values());
  }

  private values(): Values {
    const values: Values = {};
    for (const [name, field] of this.fields) {
      values[name] =
        field instanceof HTMLInputElement && field.type === 'checkbox' ? field.checked : field.value.trim();
    }
    return values;
  }

  /** What was typed and not used is there again: say so. */
  private leftOver(): HTMLElement {
    const note = html('div', { class: 'jmpl-run-line jmpl-muted' }, this.trans.__('As you left it.'));
    const clear = wordButton(this.trans.__('Empty the form'), this.trans.__('Begin anew'), () => {
      forgetForm();
      this.fill(this.initial);
      note.remove();
      this.node.querySelector<HTMLElement>('[name]')?.focus();
    });
    note.append(clear);
    return note;
  }

  private fill(values: Values): void {
    for (const [name, field] of this.fields) {
      const value = values[name];
      if (typeof value === 'string') field.value = value;
      else if (value !== undefined && field instanceof HTMLInputElement) field.checked = value;
      const folded = field.closest('details');
      if (folded && value !== undefined && value !== this.initial[name]) folded.open = true;
    }
    this.preview();
  }

  private preview(): void {
    this.command.replaceChildren(...commandLine(this.getValue()));
    const values = this.values();
    const found = problems(this.options, values, this.trans) as Record<string, string | undefined>;
    for (const [name, field] of this.fields) {
      if (field instanceof HTMLTextAreaElement) field.rows = Math.min(field.value.split('\n').length, 8);
      const problem = found[name];
      // What nobody has come to yet is missing, but it is not wrong.
      set(field, { 'aria-invalid': problem && values[name] ? 'true' : undefined });
      const said = this.wrong.get(name)!;
      said.classList.toggle('jmpl-missing', !values[name]);
      if (said.textContent !== (problem ?? '')) said.textContent = problem ?? '';
    }
  }

  private field(option: OptionRow): HTMLElement {
    const made = make(option, this.trans);
    this.fields.set(option.name, made);
    made.name = option.name;
    const help = html('small', { class: 'jmpl-muted' }, option.help);
    const wrong = html('span', { class: 'jmpl-problem', 'aria-live': 'polite' });
    this.wrong.set(option.name, wrong);
    if (option.kind === 'flag') {
      return html(
        'label',
        { class: 'jmpl-field' },
        html('span', { class: 'jmpl-check' }, made, option.flag),
        help,
      );
    }
    return html('label', { class: 'jmpl-field' }, html('span', {}, option.flag, wrong), made, help);
  }
}

function make(option: OptionRow, trans: TranslationBundle): Field {
  switch (option.kind) {
    case 'flag':
      return html('input', { type: 'checkbox', checked: option.default === true });
    case 'choice': {
      const choices = ['', ...option.choices].map(choice => html('option', { value: choice }, choice));
      return html('select', { class: 'jmpl-input' }, ...choices);
    }
    case 'integer':
      return html('input', {
        type: 'number',
        class: 'jmpl-input',
        min: option.minimum ?? undefined,
        placeholder: option.default === null ? option.metavar : String(option.default),
      });
    case 'repeat':
    case 'pairs':
    case 'action':
      return html('textarea', {
        class: 'jmpl-input',
        rows: 1,
        placeholder: trans.__('%1, one a line', option.metavar),
      });
    default:
      return html('input', {
        type: 'text',
        class: 'jmpl-input',
        placeholder: option.metavar,
        spellcheck: 'false',
      });
  }
}

/** JupyterLab's dialog takes each Enter for its default button (until 4.6.4 at least): in fields it has other uses. */
class FormDialog extends Dialog<string> {
  override handleEvent(event: Event): void {
    if (event instanceof KeyboardEvent && event.key === 'Enter' && hasUseForEnter(event.target)) return;
    super.handleEvent(event);
  }
}

/** Whether Enter begins a line there, opens a section, or presses a button of the form itself. */
function hasUseForEnter(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('.jmpl-form :is(textarea, summary, button)');
}

/** Show the form; gives the command, or an empty text. */
export async function askForRun(
  options: readonly OptionRow[],
  intoNotebook: boolean,
  trans: TranslationBundle,
): Promise<string> {
  const dialog = new FormDialog({
    title: trans.__('Run pipeline'),
    body: new Form(options, trans),
    focusNodeSelector: '[data-first]',
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({
        label: intoNotebook ? trans.__('Put into a cell') : trans.__('New notebook with this cell'),
      }),
    ],
  });
  dialog.addClass('jmpl-form-dialog');
  const answer = await dialog.launch();
  return answer.button.accept ? (answer.value ?? '') : '';
}
