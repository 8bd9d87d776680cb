/** The extension of JupyterLab and Notebook 7. What it draws is loaded when it is first needed. */
import { filesPlugin } from './files_plugin';
import { highlightPlugin } from './highlight_plugin';
import { runsPlugin } from './runs_plugin';

export default [runsPlugin, filesPlugin, highlightPlugin];
