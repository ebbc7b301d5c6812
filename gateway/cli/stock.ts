import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { stockToolsText } from "../../config/language/stock-tools.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { MovementView } from "../panel/stock-api.ts";
import { movementId } from "../stock/epcis/movement-id.ts";
import { HoldBook } from "../stock/ledger/hold-book.ts";
import { LotBook } from "../stock/ledger/lot-book.ts";
import { balancesIn } from "../stock/ledger/stock-book.ts";
import { type LedgerDifference, verifyLedger } from "../stock/ledger/verify.ts";
import { stockKeys } from "../stock/movement.ts";
import { type LedgerFile, readLedger } from "../store/ledger-file.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";
import { table } from "./table.ts";

/** Movements that one list prints unless more are asked for. */
const movementsPrinted = "1000";

/** Rows of one page; the command goes on by itself. */
const pageRows = 1_000;

type Text = (typeof stockToolsText)["en"];

const languages = () => new Option("--lang <language>", "language").choices(["zh", "en"] as const);

/** `rackwatch stock`: what is there by the ledger, what moved, and whether both agree. */
export function stockCommand(io: CommandIo) {
  return newCommand("stock", io)
    .description("read and verify the stock ledger of a gateway's data folder")
    .addCommand(listCommand(io))
    .addCommand(movementsCommand(io))
    .addCommand(verifyCommand(io));
}

function listCommand(io: CommandIo) {
  return newCommand("list", io)
    .description("print what is where, lot by lot")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--location <id>", "only this location")
    .option("--item <id>", "only this item")
    .option("--json", "one JSON object a line")
    .addOption(languages())
    .action((options) => {
      using ledger = readLedger(resolve(io.cwd, options.data));
      const lots = new LotBook(ledger.state.read(stockKeys.lot));
      const holds = new HoldBook(ledger.state.read(stockKeys.hold));
      const found = balancesIn(ledger.state.read(stockKeys.balance))
        .filter(({ quantity }) => quantity !== 0)
        .filter(({ location }) => (options.location ?? location) === location)
        .filter(({ item }) => (options.item ?? item) === item)
        .map((balance) => {
          const { item, lot } = balance;
          const expires = lot === undefined ? undefined : lots.get(item, lot)?.expires;
          const hold = holds.inForce(balance)?.cause;
          return {
            ...balance,
            ...(expires !== undefined && { expires }),
            ...(hold !== undefined && { hold }),
          };
        });
      if (options.json === true) {
        for (const row of found) io.stdout.write(`${JSON.stringify(row)}\n`);
        return;
      }
      const rows = found.map(
        ({ location, item, lot = "", quantity, expires = "", hold = "", movedAt }) => [
          ...[location, item, lot, String(quantity), expires, hold],
          iso(movedAt),
        ],
      );
      io.stdout.write(`${table([textOf(options.lang, io).stock, ...rows]).join("\n")}\n`);
    });
}

function movementsCommand(io: CommandIo) {
  return newCommand("movements", io)
    .description("print what moved, newest first")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--location <id>", "only this location")
    .option("--item <id>", "only this item")
    .option("--from <time>", "ISO 8601; only movements from then on")
    .option("--to <time>", "ISO 8601; only movements before then")
    .option("--limit <count>", "how many at most", movementsPrinted)
    .option("--json", "one JSON object a line")
    .addOption(languages())
    .action((options) => {
      const text = textOf(options.lang, io);
      const query = {
        location: options.location,
        item: options.item,
        from: timeOf(options.from, text),
        to: timeOf(options.to, text),
      };
      using ledger = readLedger(resolve(io.cwd, options.data));
      const rows: (readonly string[])[] = [];
      let left = Number(options.limit);
      for (const movement of pagesOf(ledger, query)) {
        if (left <= 0) break;
        left -= 1;
        if (options.json === true) io.stdout.write(`${JSON.stringify(movement)}\n`);
        else rows.push(rowOf(movement));
      }
      if (options.json === true) return;
      io.stdout.write(`${table([text.movements, ...rows]).join("\n")}\n`);
    });
}

function verifyCommand(io: CommandIo) {
  return newCommand("verify", io)
    .description("compare stock with its movements: exit code 0 equal, 1 not, 2 cannot read")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--json", "print the verdict as JSON")
    .addOption(languages())
    .action((options) => {
      using ledger = readLedger(resolve(io.cwd, options.data));
      const { movements, state } = ledger;
      const balances = balancesIn(state.read(stockKeys.balance));
      const verdict = verifyLedger(balances, movements.sums(), movements.all(), movementId);
      if (!verdict.ok) io.setExitCode(exitCodes.problems);
      if (options.json === true) {
        io.stdout.write(`${JSON.stringify(verdict)}\n`);
        return;
      }
      const text = textOf(options.lang, io);
      const { differences, differencesMore } = verdict;
      const lines = verdict.ok
        ? [text.ok(verdict.movements, verdict.balances)]
        : [
            ...differences.map((difference) => said(difference, text)),
            ...(differencesMore > 0 ? [text.more(differencesMore)] : []),
            `  ${text.todo}`,
          ];
      io.stdout.write(`${lines.join("\n")}\n`);
    });
}

function said(difference: LedgerDifference, text: Text): string {
  if (difference.is !== "balance") return text[difference.is](difference.seq);
  const { location, item, lot, stock, movements } = difference;
  const where = [location, item, ...(lot === undefined ? [] : [lot])].join("/");
  return text.balance(where, stock, movements);
}

type Asked = Omit<Parameters<LedgerFile["movements"]["page"]>[0], "limit" | "before">;

function* pagesOf({ movements }: LedgerFile, asked: Asked): Generator<MovementView> {
  let before: number | undefined;
  do {
    const page = movements.page({ ...asked, before, limit: pageRows });
    yield* page.movements;
    before = page.next;
  } while (before !== undefined);
}

function rowOf(movement: MovementView): readonly string[] {
  const { seq, at, kind, location, item, lot = "", quantity, unit, evidence } = movement;
  const by = evidence.person ?? evidence.by;
  const amount = `${quantity > 0 ? "+" : ""}${quantity} ${unit}`;
  return [String(seq), iso(at), kind, location, item, lot, amount, by, evidence.document ?? ""];
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function textOf(language: "zh" | "en" | undefined, io: CommandIo): Text {
  return stockToolsText[language ?? terminalLanguage(io.env)];
}

function timeOf(given: string | undefined, text: Text): number | undefined {
  if (given === undefined) return undefined;
  const at = Date.parse(given);
  if (Number.isFinite(at)) return at;
  throw new RackwatchError("config/invalid", text.notTime(given), { todo: text.notTimeTodo });
}
