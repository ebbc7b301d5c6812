import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import type { Language } from "../../config/language/language.ts";
import { panelServerText } from "../../config/language/panel-server.ts";

/** Files below it carry a hash of their content in their name. */
const hashedFolder = "/assets/";

/** Serves the built screens, compressed ahead where they are; without them a page that says how to build them. */
export async function serveScreens(
  app: FastifyInstance,
  webDir: string,
  language: Language,
): Promise<void> {
  if (!existsSync(join(webDir, "index.html"))) {
    app.get("/", { config: { access: "open" }, schema: { hide: true } }, (_request, reply) =>
      reply.type("text/html; charset=utf-8").send(unbuiltPage(language)),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: webDir,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    dotfiles: "deny",
    setHeaders: (reply, path) => {
      const hashed = path.slice(webDir.length).startsWith(hashedFolder);
      reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  app.get<{ readonly Params: { readonly "*": string } }>(
    "/*",
    { config: { access: "open" }, schema: { hide: true } },
    (request, reply) => reply.sendFile(request.params["*"] || "index.html"),
  );
}

function unbuiltPage(language: Language): string {
  const text = panelServerText[language].unbuilt;
  return `<!doctype html>
<html lang="${language}"><meta charset="utf-8"><title>${text.title}</title>
<h1>${text.title}</h1><p>${text.message}</p><p>${text.todo}</p><pre>npm run build</pre>
<p>${text.data} <a href="/api/points">/api/points</a> <a href="/api/alarms">/api/alarms</a>
<a href="/openapi.json">/openapi.json</a></p></html>
`;
}
