import type { Fault, Letter } from "./inbox.ts";

const style = `
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; color-scheme: light dark }
li { border-top: 1px solid gray; padding: .6rem 0; white-space: pre-wrap; overflow-wrap: anywhere }
ol, ul { list-style: none; padding: 0 }
button { font: inherit; min-height: 44px; padding: 0 1rem }
b { margin-right: .5rem }`;

/** What everybody was told, the newest first. Pure. */
export function inboxPage(letters: readonly Letter[], faults: readonly Fault[] = []): string {
  const rows = letters.map(
    ({ at, way, to, text }) =>
      `<li><time>${new Date(at).toISOString().slice(11, 19)} UTC</time> <b>${way}</b>to ${escaped(to)}\n${linked(text)}</li>`,
  );
  const list =
    rows.length === 0 ? "<p>Nobody was told anything yet.</p>" : `<ol>${rows.join("")}</ol>`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rackwatch demo: messages</title><style>${style}</style>
<main>${faultList(faults)}<h1>Messages</h1>
<p>What telephones, mailboxes and robots would show. Nothing leaves this machine.</p>
${list}</main></html>
`;
}

function faultList(faults: readonly Fault[]): string {
  if (faults.length === 0) return "";
  const rows = faults.map(
    ({ id, label, state }) =>
      `<li><form method="post" action="/faults/${escaped(id)}"><button>${escaped(label)}</button> ${escaped(state())}</form></li>`,
  );
  return `<h1>Faults to try</h1>
<p>Look at the panel and at central meanwhile: nothing is lost, and nothing comes twice.</p>
<ul>${rows.join("")}</ul>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function linked(text: string): string {
  return escaped(text).replaceAll(
    /https?:\/\/[^\s<]+/g,
    (link) => `<a href="${link}" target="_blank" rel="noreferrer">${link}</a>`,
  );
}
