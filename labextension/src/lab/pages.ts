/** What is loaded on demand: everything that draws more than the list of runs. */
export { GraphPanel } from '../graph/graph_panel';
export { storedScene } from '../graph/stored_scene';
export { GraphPage } from './graph_page';
export { lostFileTab } from './lost_file';
export { PipelineDiagrams } from './pipeline_diagrams';
export { askForRun, forgetForm } from './run_form';
export { ReportPage } from './report_page';
export { RunPage } from './run_page';
export { RunsList } from './runs_list';
