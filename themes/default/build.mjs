// Build static/ of this theme: style sheets by side and part, fonts, scripts, drawings, the icons.
// Every file is named after its content; manifest.json says which file stands for which name.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { cutFonts } from "./cut-fonts.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "assets");
const out = join(here, "static");
const require = createRequire(import.meta.url);

const sheets = [
  "base", "public", "forms", "print", "front", "search", "record", "event", "collection", "account", "ask",
  "staff", "editor", "desk", "charts", "organisations", "descriptions",
  "enquiries",
];
const scripts = ["near.js", "places.js", "suggest.js"];
const drawings = ["art.svg", "skyline.svg", "mark.svg"];

const manifest = {};

function keep(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const [stem, ending] = name.split(/\.(?=[^.]+$)/);
  const file = `${stem}.${hash}.${ending}`;
  writeFileSync(join(out, file), content);
  pack(file, content);
  manifest[name] = file;
}

function pack(file, content) {
  writeFileSync(join(out, `${file}.br`), brotliCompressSync(content));
  writeFileSync(join(out, `${file}.gz`), gzipSync(content, { level: 9 }));
}

function sprite(names) {
  const folder = dirname(require.resolve("bootstrap-icons/icons/search.svg"));
  const symbols = names.map((name) => {
    const drawn = readFileSync(join(folder, `${name}.svg`), "utf8");
    const inner = drawn.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").trim();
    return `<symbol id="i-${name}" viewBox="0 0 16 16">${inner.replace(/\n\s*/g, "")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "fonts"), { recursive: true });

const result = await build({
  entryPoints: sheets.map((name) => join(assets, `${name}.css`)),
  outdir: out,
  bundle: true,
  minify: true,
  metafile: true,
  logLevel: "warning",
  target: ["chrome125", "firefox128", "safari17.4"],
  entryNames: "[name].[hash]",
  assetNames: "fonts/[name].[hash]",
  loader: { ".woff2": "file" },
  plugins: [cutFonts(join(assets, "fonts.css"))],
});
for (const [path, made] of Object.entries(result.metafile.outputs)) {
  if (!made.entryPoint) continue;
  const file = relative(out, join(process.cwd(), path));
  manifest[basename(made.entryPoint)] = file;
  pack(file, readFileSync(join(out, file)));
}
for (const name of scripts) {
  const source = readFileSync(join(assets, name), "utf8");
  keep(name, (await transform(source, { minify: true, format: "iife", target: "es2022" })).code);
}
for (const name of drawings) keep(name, readFileSync(join(assets, name), "utf8"));
keep("icons.svg", sprite(JSON.parse(readFileSync(join(assets, "icons.json"), "utf8"))));

const sorted = Object.fromEntries(Object.entries(manifest).sort());
writeFileSync(join(out, "manifest.json"), `${JSON.stringify(sorted, null, 1)}\n`);
