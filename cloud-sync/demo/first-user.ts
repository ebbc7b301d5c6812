/** What a person does at the first start: the first login, then what is known from before. */

/** One file of the gateway's import, and what it is about. */
export interface ImportFile {
  readonly kind: "movements" | "tags";
  readonly name: string;
  readonly content: string;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Makes the first user of a panel and imports the files as this one. @throws Error when a row does not land. */
export async function moveIn(
  panel: string,
  code: string,
  login: Login,
  files: readonly ImportFile[],
): Promise<void> {
  const made = await send(`${panel}/api/setup`, "application/json", {
    body: JSON.stringify({ code, ...login }),
  });
  const cookie = made.headers.getSetCookie().map((it) => it.split(";")[0]);
  for (const { kind, name, content } of files) {
    const url = `${panel}/api/stock/import/${kind}?name=${encodeURIComponent(name)}`;
    const answer = await send(url, "text/csv", { body: content, cookie: cookie.join("; ") });
    const text = await answer.text();
    const { landed, rows } = JSON.parse(text);
    if (landed !== rows) throw new Error(`${name} was not imported as a whole: ${text}`);
  }
}

async function send(
  url: string,
  type: string,
  { body, cookie }: { readonly body: string; readonly cookie?: string },
): Promise<Response> {
  const headers = { "content-type": type, ...(cookie === undefined ? {} : { cookie }) };
  const answer = await fetch(url, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
