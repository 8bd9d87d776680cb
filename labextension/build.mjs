// Build what is drawn in the browser into the Python package: the script of the live views, which comes with each
// widget, and the extension of JupyterLab. Both share the views' sources.
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as esbuild from 'esbuild';
import { sharedModules } from './shared_modules.mjs';

const views = process.env.JUPYTER_MPEXEC_STATIC ?? '../jupyter_mpexec/widgets/static';
const lab = process.env.JUPYTER_MPEXEC_LABEXTENSION ?? '../jupyter_mpexec/labextension';
const statics = join(lab, 'static');
const NAME = 'jupyter-mpexec';

const common = {
  bundle: true,
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
};
const viewOptions = {
  ...common,
  entryPoints: { run_views: 'src/run_views.ts' },
  outdir: views,
  format: 'esm',
};

/** One file that JupyterLab waits for, one for what is loaded on demand, and the style sheet. */
async function buildExtension() {
  rmSync(lab, { recursive: true, force: true });
  const options = {
    ...common,
    outdir: statics,
    entryNames: '[name].[hash]',
    metafile: true,
    plugins: [sharedModules()],
  };
  const onDemand = await esbuild.build({
    ...options,
    entryPoints: { pages: 'src/lab/pages.ts', style: 'style/lab.css' },
    format: 'esm',
  });
  const built = source => {
    const [file] = Object.entries(onDemand.metafile.outputs).find(
      ([, { entryPoint }]) => entryPoint === source,
    );
    return JSON.stringify(basename(file));
  };
  const container = await esbuild.build({
    ...options,
    entryPoints: { remoteEntry: 'src/lab/container.ts' },
    format: 'iife',
    define: { PAGES: built('src/lab/pages.ts'), STYLE: built('style/lab.css') },
  });
  const remote = basename(Object.keys(container.metafile.outputs)[0]);
  const about = JSON.parse(readFileSync('package.json', 'utf8'));
  const schemas = join(lab, 'schemas', NAME);
  mkdirSync(schemas, { recursive: true });
  cpSync('schema', schemas, { recursive: true });
  const described = {
    name: NAME,
    version: version(),
    description: about.description,
    license: about.license,
    // What JupyterLab compares with its own versions.
    dependencies: { '@jupyterlab/application': '^4.0.0' },
    jupyterlab: {
      extension: true,
      mimeExtension: true,
      schemaDir: 'schema',
      _build: { load: `static/${remote}`, extension: './extension', mimeExtension: './mime' },
    },
  };
  writeFileSync(join(lab, 'package.json'), JSON.stringify(described, null, 2));
}

function version() {
  return /__version__ = "(.+)"/.exec(readFileSync('../jupyter_mpexec/_version.py', 'utf8'))[1];
}

function printSizes() {
  const files = [views, statics].flatMap(folder => readdirSync(folder).map(name => join(folder, name)));
  for (const file of files) console.log(`${basename(file)}: ${statSync(file).size} bytes`);
}

if (process.argv.includes('--watch')) {
  const context = await esbuild.context(viewOptions);
  await context.watch();
  const watched = await esbuild.context({
    ...common,
    entryPoints: ['src/lab/container.ts', 'src/lab/pages.ts'],
    outdir: 'unused',
    write: false,
    plugins: [
      sharedModules(),
      {
        name: 'whole',
        setup(build) {
          build.onEnd(buildExtension);
        },
      },
    ],
  });
  await watched.watch();
} else {
  await Promise.all([esbuild.build(viewOptions), buildExtension()]);
  if (process.argv.includes('--sizes')) printSizes();
}
