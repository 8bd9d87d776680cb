/** Draws outputs of the project's graph type: a scene, as `jupyter_mpexec.display.scene` lays it out. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { loadPages } from './load_pages';
import type { GraphPanel } from '../graph/graph_panel';
import type { Scene } from '../graph/scene';

export const GRAPH_TYPE = 'application/vnd.jupyter-mpexec.graph+json';

const HEIGHT = 420;

class GraphOutput extends Widget implements IRenderMime.IRenderer {
  private panel: GraphPanel | undefined;

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const scene = model.data[GRAPH_TYPE] as unknown as Scene;
    if (!Array.isArray(scene.nodes) || !Array.isArray(scene.edges)) {
      this.node.textContent = 'This is no graph of jupyter_mpexec.';
      return;
    }
    const { GraphPanel } = await loadPages();
    this.panel?.dispose();
    this.panel = new GraphPanel(this.node, { label: scene.title, height: HEIGHT, onSelect: () => undefined });
    this.panel.setScene(scene);
  }

  override dispose(): void {
    this.panel?.dispose();
    super.dispose();
  }
}

const extension: IRenderMime.IExtension = {
  id: 'jupyter-mpexec:graph',
  description: 'Draws graphs of jupyter_mpexec in outputs.',
  rendererFactory: {
    safe: true,
    mimeTypes: [GRAPH_TYPE],
    createRenderer: () => new GraphOutput(),
  },
  // Before text and SVG, which are there for all who cannot draw it.
  rank: 0,
  dataType: 'json',
};

export default extension;
