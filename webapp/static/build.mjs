// Builds webapp/static/src into webapp/static/dist: hashed file names and a manifest.json
// (logical name → built name) that webapp/pages/assets.py reads.
import { build, context } from "esbuild";
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, "dist");

// Every browser that can run the site reads woff2, so the woff fallbacks are left out of the build.
const woff2Only = {
  name: "woff2-only",
  setup(builder) {
    builder.onLoad({ filter: /@fontsource[\\/].*\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      return { contents: css.replace(/, url\([^)]*\.woff\) format\('woff'\)/g, ""), loader: "css" };
    });
  },
};

const writeManifest = {
  name: "manifest",
  setup(builder) {
    builder.onEnd(async ({ metafile }) => {
      if (!metafile) return;
      const built = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint);
      const names = built.map(([file, output]) => [basename(output.entryPoint), relative(dist, resolve(file))]);
      await writeFile(resolve(dist, "manifest.json"), JSON.stringify(Object.fromEntries(names), null, 2) + "\n");
    });
  },
};

const options = {
  entryPoints: ["js/main.js", "css/main.css", "css/fonts.css", "img/favicon.svg"].map((name) =>
    resolve(here, "src", name),
  ),
  outdir: dist,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "fonts/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  metafile: true,
  loader: { ".woff2": "file", ".svg": "copy" },
  plugins: [woff2Only, writeManifest],
  logLevel: "warning",
};

await rm(dist, { recursive: true, force: true });
if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
