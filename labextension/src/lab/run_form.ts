/** "Run pipeline…": a form with the options of `%pipetask run`, which become a command in a cell. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { html } from '../common/dom';
import type { OptionRow } from './api';
import { commandText, problems, type Values } from './command_text';
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

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

class Form extends Widget {
  private readonly fields = new Map<string, Field>();
  private readonly command = html('pre', { class: 'jmpl-code', 'aria-live': 'polite' });
  private readonly wrong = html('p', { class: 'jmpl-muted' });

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
      this.preview();
    });
    this.node.append(form, this.command, this.wrong);
    this.preview();
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

  private preview(): void {
    this.command.textContent = this.getValue();
    const found = problems(this.options, this.values(), this.trans);
    this.wrong.textContent = Object.values(found).join(' ');
    for (const [name, field] of this.fields) {
      if (name in found) field.setAttribute('aria-invalid', 'true');
      else field.removeAttribute('aria-invalid');
    }
  }

  private field(option: OptionRow): HTMLElement {
    const made = make(option);
    this.fields.set(option.name, made);
    made.name = option.name;
    const help = html('small', { class: 'jmpl-muted' }, option.help);
    if (option.kind === 'flag') {
      return html(
        'label',
        { class: 'jmpl-field' },
        html('span', { class: 'jmpl-check' }, made, option.flag),
        help,
      );
    }
    return html('label', { class: 'jmpl-field' }, html('span', {}, option.flag), made, help);
  }
}

function make(option: OptionRow): Field {
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
      return html('textarea', { class: 'jmpl-input', rows: 1, placeholder: option.metavar });
    default:
      return html('input', {
        type: 'text',
        class: 'jmpl-input',
        placeholder: option.metavar,
        spellcheck: 'false',
      });
  }
}

/** Show the form; gives the command, or an empty text. */
export async function askForRun(options: readonly OptionRow[], trans: TranslationBundle): Promise<string> {
  const body = new Form(options, trans);
  const answer = await showDialog({
    title: trans.__('Run pipeline'),
    body,
    // Not the last button: the form would be scrolled to its end.
    focusNodeSelector: '[name=butler_config]',
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Put into a cell') }),
    ],
  });
  return answer.button.accept ? (answer.value ?? '') : '';
}
