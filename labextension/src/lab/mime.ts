/** Outputs with a graph: their HTML, as JupyterLab shows it, and in the place of its picture a graph that answers. */
import { RenderedHTML } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { html } from '../common/dom';
import type { GraphPanel } from '../graph/graph_panel';
import { loadPages } from './load_pages';

export const GRAPH_TYPE = 'application/vnd.jupyter-mpexec.graph+json';

const HTML_TYPE = 'text/html';
const HEIGHT = 760;
/** The two forms of a picture in our HTML: see `jupyter_mpexec.display.picture`. */
const PICTURE = '.jmpx-live, .jmpx-still';

/** Notebooks that are not trusted are cleaned by JupyterLab; the graph itself is drawn from words and numbers only. */
class GraphOutput extends RenderedHTML {
  private panel: GraphPanel | undefined;
  private turn = 0;

  constructor(options: IRenderMime.IRendererOptions) {
    super({ ...options, mimeType: HTML_TYPE });
  }

  override async render(model: IRenderMime.IMimeModel): Promise<void> {
    const turn = ++this.turn;
    this.panel?.dispose();
    this.panel = undefined;
    if (HTML_TYPE in model.data) await super.render(model);
    try {
      const { GraphPanel, storedScene } = await loadPages();
      // Asked for again, or taken away, meanwhile.
      if (turn !== this.turn || this.isDisposed) return;
      const scene = storedScene(model.data[GRAPH_TYPE]);
      const place = html('div', { class: 'jmpl-output' });
      const pictures = [...this.node.querySelectorAll<HTMLElement>(PICTURE)];
      if (pictures.length) pictures[0].before(place);
      else this.node.append(place);
      const panel = new GraphPanel(place, { label: scene.title, height: HEIGHT, onSelect: () => undefined });
      this.panel = panel;
      panel.setScene(scene);
      pictures.forEach(picture => {
        picture.remove();
      });
    } catch (error) {
      // The picture stays, which says the same.
      this.panel?.dispose();
      this.panel = undefined;
      this.node.querySelector('.jmpl-output')?.remove();
      console.warn('jupyter_mpexec: a graph is shown as a picture only.', error);
      if (!this.node.hasChildNodes()) this.node.textContent = plainText(model);
    }
  }

  override dispose(): void {
    this.panel?.dispose();
    super.dispose();
  }
}

function plainText(model: IRenderMime.IMimeModel): string {
  const text = model.data['text/plain'];
  return typeof text === 'string' ? text : '';
}

const extension: IRenderMime.IExtension = {
  id: 'jupyter-mpexec:graph',
  description: 'Draws graphs of jupyter_mpexec in outputs.',
  rendererFactory: {
    safe: true,
    mimeTypes: [GRAPH_TYPE],
    createRenderer: options => new GraphOutput(options),
  },
  // Before HTML and SVG, which are there for all who cannot draw it.
  rank: 0,
  dataType: 'json',
};

export default extension;
