import { LabIcon } from '@jupyterlab/ui-components';

/** Three tasks that lead into each other. */
export const runsIcon = new LabIcon({
  name: 'jupyter-mpexec:runs',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g class="jp-icon3" fill="#616161">
<path d="M3 4h7v5H3zM3 15h7v5H3zM15 9.5h6v5h-6z"/><path d="M10 6h2.2l2.8 5h-1.8L11 7.6h-1zM10 18h2.2l2.8-5h-1.8L11 16.4h-1z"/>
</g></svg>`,
});
