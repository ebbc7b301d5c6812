import { z } from "zod";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import type { SpineSite } from "./spine-site.ts";

const revisionSchema = z.looseObject({
  revision: z.number().optional(),
  state: z.string().optional(),
  reason: z.string().optional(),
});
const commandSchema = z.looseObject({ id: z.string(), state: z.string() });

/** A person at central who decides for the gateway of a site. */
export class Office {
  readonly #base: string;
  readonly #token: string;

  private constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  /** While central does not run yet. */
  static async open(site: Pick<SpineSite, "openDatabase" | "centralUrl">): Promise<Office> {
    await using database = await site.openDatabase();
    const token = await addOperator(database, { name: "Li Wei", role: "operator" });
    return new Office(`${site.centralUrl}/v1/gateways/spine/`, token);
  }

  async ask(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.#base}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async configuration() {
    const answer: unknown = await (await this.ask("GET", "configuration")).json();
    return z
      .looseObject({
        digest: z.string(),
        sections: z.looseObject({ rules: z.record(z.string(), z.looseObject({})) }),
      })
      .parse(answer);
  }

  /** Newest first. */
  async revisions(): Promise<readonly z.infer<typeof revisionSchema>[]> {
    return z.array(revisionSchema).parse(await (await this.ask("GET", "revisions")).json());
  }

  async commands(): Promise<readonly z.infer<typeof commandSchema>[]> {
    return z.array(commandSchema).parse(await (await this.ask("GET", "commands")).json());
  }
}
