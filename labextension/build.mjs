// Build the script and the style sheet of the live views into the Python package.
import * as esbuild from 'esbuild';

const out = process.env.JUPYTER_MPEXEC_STATIC ?? '../jupyter_mpexec/widgets/static';

const options = {
  entryPoints: { run_views: 'src/run_views.ts', debug_views: 'src/debug_views.ts' },
  outdir: out,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
};

if (process.argv.includes('--watch')) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
