/** A document, as the server of this project finds it. */
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Drives whose files are those of the server; that of real-time collaboration has them under another name. */
const ON_SERVER = ['', 'RTC'];

/** Where a document lies now: somebody may rename or move it. */
export class ServerFile {
  constructor(
    private readonly context: { readonly path: string },
    private readonly contents: Contents.IManager,
    private readonly trans: TranslationBundle,
  ) {}

  get name(): string {
    return this.local.split('/').at(-1)!;
  }

  /** From the folder of the server; throws where the server does not have the file. */
  get path(): string {
    const drive = this.contents.driveName(this.context.path);
    if (ON_SERVER.includes(drive)) return this.local;
    throw new Error(
      this.trans.__(
        'This file is on the drive %1:. Only files below the folder of the Jupyter server can be drawn: copy it there.',
        drive,
      ),
    );
  }

  private get local(): string {
    return this.contents.localPath(this.context.path);
  }
}
