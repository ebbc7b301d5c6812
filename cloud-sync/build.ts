import { rm } from "node:fs/promises";
import { dirname, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const projectDir = fileURLToPath(new URL("..", import.meta.url));

/** Where the built program stands, from the root of the project. */
export const programFolder = "dist/program";

/** Libraries that find native code, WebAssembly or a worker beside themselves, and what a gateway never loads. */
const external = [
  "better-sqlite3",
  "serialport",
  "onoff",
  "pg",
  "pg-copy-streams",
  "@electric-sql/pglite",
  "axios",
  "vite",
  // Reads data files beside its own.
  "pdfkit",
  // Reads files beside its own, and needs no place in a gateway without OPC UA.
  "node-opcua",
];

/**
 * The `rackwatch` command as few files of plain JavaScript, `dist/program/rackwatch.js`: what a unit runs. It starts in
 * half the time, and holds 10 MB less than the sources (docs/decisions/0005-memory.md). Names are kept, so a stack
 * trace still says where.
 * @param entry from the root of the project; another program is built for a test whose machine is slow.
 * @returns absolute path of the entry.
 */
export async function buildProgram(
  out = `${projectDir}${programFolder}`,
  entry = "cloud-sync/cli/rackwatch.js",
): Promise<string> {
  await rm(out, { recursive: true, force: true });
  await build({
    configFile: false,
    root: projectDir,
    logLevel: "warn",
    publicDir: false,
    plugins: [keepPlaces(out)],
    ssr: { noExternal: true, external, target: "node" },
    build: {
      ssr: `${projectDir}${entry}`,
      outDir: out,
      target: "node24",
      emptyOutDir: false,
      rolldownOptions: {
        output: {
          minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
          entryFileNames: "rackwatch.js",
          chunkFileNames: "[name]-[hash].js",
        },
      },
    },
  });
  return `${out}/rackwatch.js`;
}

/** Files beside a source (templates, screens, package.json) are found from where that source stands. */
function keepPlaces(out: string): Plugin {
  return {
    name: "keep-places",
    enforce: "pre",
    transform(code, id) {
      const isOurs = id.startsWith(projectDir) && !id.includes(`${sep}node_modules${sep}`);
      if (!isOurs || !code.includes("import.meta.url")) return undefined;
      const place = JSON.stringify(
        relative(out, dirname(id)) + sep + id.slice(dirname(id).length + 1),
      );
      return code.replaceAll("import.meta.url", `new URL(${place}, import.meta.url).href`);
    },
  };
}

if (import.meta.main) process.stdout.write(`${await buildProgram()}\n`);
