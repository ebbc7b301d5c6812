import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Language } from "../../../config/language/language.ts";
import { panelServerText } from "../../../config/language/panel-server.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import { needsAcknowledge } from "../../alarms/lifecycle.ts";
import { linkPath } from "../../push/push-desk.ts";
import type { PanelSource } from "../source.ts";

/**
 * Where a link of a message leads. GET only shows: mail scanners and previews open links too. POST acts, once. A page
 * without script and style: it must work on whatever opens it.
 */
export const linkRoutes =
  (source: PanelSource, language: Language): FastifyPluginAsyncZod =>
  async (app) => {
    const { response } = source;
    const text = panelServerText[language].link;
    const config = { access: "open" } as const;
    const params = z.object({ token: z.string() });
    const url = `${linkPath}:token`;
    // What a browser sends for a form; there is nothing in it that is needed.
    app.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: 1_024 },
      (_request, _body, done) => done(null, {}),
    );
    const page = (...parts: readonly string[]) =>
      `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text.title}</title><h1>${text.title}</h1>${parts.map((part) => `<p>${part}</p>`).join("")}</html>`;
    app.get(
      url,
      { config, schema: { params, hide: true } },
      async ({ params: { token } }, reply) => {
        reply.type("text/html; charset=utf-8");
        const claim = response.verifyLink(token);
        if ("refused" in claim) return reply.status(410).send(page(text[claim.refused]));
        const alarm = source.alarms().find(({ id }) => id === claim.alarm);
        const what = escaped(`${claim.alarm} ${alarm?.message ?? ""}`);
        // A button that can only be refused is none.
        if (alarm === undefined || !needsAcknowledge(alarm.state)) {
          return reply.status(409).send(page(what, text.gone));
        }
        const form = `<form method="post"><button>${text.button}</button></form>`;
        return reply.send(page(what, text.ask, form));
      },
    );
    app.post(
      url,
      { config, schema: { params, hide: true } },
      async ({ params: { token } }, reply) => {
        reply.type("text/html; charset=utf-8");
        try {
          const claim = response.followLink(token);
          if (!("refused" in claim)) return page(escaped(claim.alarm), text.done);
          reply.status(410);
          return page(text[claim.refused]);
        } catch (error) {
          if (!(error instanceof RackwatchError)) throw error;
          reply.status(409);
          return page(text.gone, escaped(error.message));
        }
      },
    );
  };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
}
