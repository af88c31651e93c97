// An esbuild plugin: each font file is cut to the letters and the axes that its @font-face names.
// The same source may be cut several times: url("….woff2?basic") and url("….woff2?western").
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import subsetFont from "subset-font";

// Literata's optical sizes: letters smaller than 14 pixels are set in the sans.
const OPTICAL_SIZES = { min: 14, max: 72 };
// Letters that come one by one, in foreign names and titles, have one optical size.
const ONE_SIZE = 24;
// Other forms of letters (figures that line up, ligatures) are kept where a page needs them.
const WHOLE = new Set(["?basic", "?russian", "?arabic"]);

function letters(range) {
  const found = [];
  for (const part of range.split(",")) {
    const [from, to] = part.trim().replace(/^U\+/i, "").split("-").map((hex) => parseInt(hex, 16));
    for (let code = from; code <= (to ?? from); code += 1) found.push(String.fromCodePoint(code));
  }
  return found.join("");
}

// Letters and weights of each face, by "file.woff2?name" as the sheet writes it.
function faces(sheet) {
  const found = new Map();
  for (const [, face] of readFileSync(sheet, "utf8").matchAll(/@font-face\s*\{([^}]*)\}/g)) {
    const [, url] = face.match(/url\(["']?([^"')]+)/);
    const [, range] = face.match(/unicode-range:\s*([^;]+);/);
    const [, min, max] = face.match(/font-weight:\s*(\d+) (\d+);/).map(Number);
    found.set(basename(url), { text: letters(range), wght: { min, max } });
  }
  return found;
}

export function cutFonts(sheet) {
  const wanted = faces(sheet);
  return {
    name: "cut fonts",
    setup(build) {
      build.onLoad({ filter: /\.woff2$/ }, async ({ path, suffix }) => {
        const face = wanted.get(basename(path) + suffix);
        if (face === undefined) throw new Error(`${sheet} does not declare ${path}${suffix}`);
        const variationAxes = { wght: face.wght };
        if (path.includes("-opsz-")) {
          variationAxes.opsz = WHOLE.has(suffix) ? OPTICAL_SIZES : ONE_SIZE;
        }
        const contents = await subsetFont(readFileSync(path), face.text, {
          targetFormat: "woff2",
          variationAxes,
          noLayoutClosure: !WHOLE.has(suffix),
        });
        return { contents, loader: "file" };
      });
    },
  };
}
