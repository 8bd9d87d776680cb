/** A notebook file that is made for a command, where none is open. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { UUID } from '@lumino/coreutils';
import { LOAD } from './command_text';

/** Make a notebook in a folder that loads the extension and has a cell with the code, and open it. */
export async function openNewNotebook(app: JupyterFrontEnd, folder: string, code: string): Promise<void> {
  const { contents, kernelspecs } = app.serviceManager;
  await kernelspecs.ready;
  const name = kernelspecs.specs?.default ?? 'python3';
  const spec = kernelspecs.specs?.kernelspecs[name];
  const made = await contents.newUntitled({ path: folder, type: 'notebook' });
  await contents.save(made.path, {
    type: 'notebook',
    format: 'json',
    content: {
      cells: [LOAD, code].map(source => ({
        id: UUID.uuid4(),
        cell_type: 'code',
        execution_count: null,
        metadata: {},
        outputs: [],
        source,
      })),
      metadata: {
        kernelspec: { name, display_name: spec?.display_name ?? name, language: spec?.language ?? 'python' },
      },
      nbformat: 4,
      nbformat_minor: 5,
    },
  });
  await app.commands.execute('docmanager:open', { path: made.path });
}
