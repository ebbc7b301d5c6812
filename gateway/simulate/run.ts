import type { Language } from "../../config/language/language.ts";
import { simulateText } from "../../config/language/simulate.ts";
import { suggest } from "../../config/suggest.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { Complaints } from "./complaint.ts";
import { readCsv } from "./csv-file.ts";
import { longestDelayMs } from "./longest-delay.ts";
import { EventRows, eventsMax, type OperatorEvent } from "./operator-events.ts";
import { PointNames } from "./point-names.ts";
import { Replay, type ReplayResult } from "./replay.ts";
import type { RuleBook } from "./rule-book.ts";
import { SampleRows } from "./sample-rows.ts";
import { type Disorder, Sequence, type Stage, sortRowsMax } from "./sequence.ts";
import { readStore } from "./store-samples.ts";
import { watchedPoints } from "./watched-points.ts";

/** A file as it is opened, and as it is named to the person who gave it. */
export interface NamedFile {
  readonly path: string;
  readonly shown: string;
}

export interface RunInput {
  /** One, or two to be compared. */
  readonly books: readonly RuleBook[];
  readonly samples: NamedFile | { readonly dir: string; readonly from: EpochMs };
  readonly events: NamedFile | undefined;
  readonly language: Language;
}

export interface Run {
  readonly startAt: EpochMs;
  /** Of the last sample or event; the clock ran on from there. */
  readonly lastAt: EpochMs;
  /** Samples that counted, and the points that they were of. */
  readonly samples: number;
  readonly points: number;
  /** One for each book. */
  readonly results: readonly ReplayResult[];
  /** What was wrong with rows and names, for a person. */
  readonly complaints: readonly string[];
  /** Rows of samples that were no samples. */
  readonly badRows: number;
}

/**
 * Replays samples and events. A file that is in order of time streams through; one that is not, for
 * example sorted by point, is read again and put in order in memory.
 * @throws RackwatchError `config/unreadable`, `config/invalid`, `store/...`.
 */
export function run(input: RunInput): Run {
  const events = readEvents(input);
  if ("dir" in input.samples) return new Attempt(input, events, "arrival").finish();
  const streamed = new Attempt(input, events, "stop");
  return streamed.isStopped ? new Attempt(input, events, "sort").finish() : streamed.finish();
}

interface Events {
  readonly list: readonly OperatorEvent[];
  readonly complaints: readonly string[];
}

function readEvents({ events: file, books, language }: RunInput): Events {
  if (file === undefined) return { list: [], complaints: [] };
  const complaints = new Complaints(file.shown);
  const rules = new Set(books.flatMap(({ configs }) => [...configs.keys()]));
  const rows = new EventRows(rules, (complaint) => complaints.add(complaint));
  readCsv(file, rows, language);
  const text = simulateText[language];
  if (rows.missing !== undefined) throw invalid(text.noColumn(file.shown, rows.missing), file);
  if (rows.isTooMany) throw invalid(text.tooManyEvents(file.shown, eventsMax), file);
  return { list: rows.sorted(), complaints: complaints.lines(language) };
}

function invalid({ message, todo }: { message: string; todo: string }, { shown }: NamedFile) {
  return new RackwatchError("config/invalid", message, { where: shown, todo });
}

/** One reading of all samples. */
class Attempt implements Stage {
  readonly #input: RunInput;
  readonly #events: Events;
  readonly #points: PointNames;
  readonly #sequence: Sequence;
  readonly #refusals: Complaints;
  readonly #complaints: Complaints;
  readonly #damaged: string[] = [];
  #replays: readonly Replay[] = [];
  #startAt = 0;
  #lastAt = 0;
  #badRows = 0;

  constructor(input: RunInput, events: Events, disorder: Disorder) {
    const { books, samples } = input;
    this.#input = input;
    this.#events = events;
    const kinds = new Map(books.toReversed().flatMap((book) => [...book.kinds]));
    this.#points = new PointNames(
      kinds,
      books.every(({ isWhole }) => isWhole),
    );
    this.#sequence = new Sequence(this, events.list, disorder);
    this.#refusals = new Complaints(input.events?.shown ?? "");
    this.#complaints = new Complaints("shown" in samples ? samples.shown : samples.dir);
    if ("dir" in samples) this.#readStore(samples);
    else this.#readFile(samples);
  }

  get isStopped(): boolean {
    return this.#sequence.isStopped;
  }

  start(startAt: EpochMs): void {
    this.#startAt = startAt;
    const { books, language } = this.#input;
    this.#replays = books.map(({ rules, configs, staleAfterMs }) => {
      const runOnMs = longestDelayMs([...configs.values()]);
      return new Replay({ rules, runOnMs, staleAfterMs, language, startAt });
    });
  }

  take(samples: Parameters<Stage["take"]>[0], at: EpochMs): void {
    this.#lastAt = at;
    for (const replay of this.#replays) replay.take(samples, at);
  }

  act(event: OperatorEvent): void {
    this.#lastAt = event.at;
    this.#replays.forEach((replay, index) => {
      if (this.#input.books[index]?.configs.has(event.rule) !== true) return;
      const refused = replay.act(event);
      const { line, rule } = event;
      if (refused !== undefined && index === 0) this.#refusals.add({ line, rule, refused });
    });
  }

  finish(): Run {
    const { samples: from, language } = this.#input;
    if (this.#sequence.isTooMany && "shown" in from)
      throw invalid(simulateText[language].tooManyRows(from.shown, sortRowsMax), from);
    this.#sequence.end();
    const seen = this.#points.seen();
    return {
      startAt: this.#startAt,
      lastAt: this.#lastAt,
      samples: seen.reduce((sum, { samples }) => sum + samples, 0),
      points: seen.length,
      results: this.#replays.map((replay) => replay.end()),
      complaints: [
        ...this.#complaints.lines(language),
        ...this.#damaged,
        ...this.#events.complaints,
        ...this.#refusals.lines(language),
        ...this.#neverSeen(),
      ],
      badRows: this.#badRows,
    };
  }

  #readFile(file: NamedFile): void {
    const rows = new SampleRows(
      this.#points,
      (sample) => this.#sequence.push(sample),
      (complaint) => {
        this.#complaints.add(complaint);
        if ("left" in complaint) this.#badRows += 1;
      },
    );
    const { language } = this.#input;
    readCsv(
      file,
      {
        row: (row) => rows.row(row),
        fault: (line, fault) => rows.fault(line, fault),
        isEnough: () => this.isStopped || rows.missing !== undefined,
      },
      language,
    );
    if (rows.missing !== undefined)
      throw invalid(simulateText[language].noColumn(file.shown, rows.missing), file);
  }

  #readStore({ dir, from }: { readonly dir: string; readonly from: EpochMs }): void {
    const { language } = this.#input;
    const text = simulateText[language];
    readStore(
      dir,
      from,
      {
        take: (sample) => {
          const point = this.#points.find(sample.point);
          if (point === undefined || sample.sampledAt < point.newestAt) return;
          point.newestAt = sample.sampledAt;
          point.samples += 1;
          this.#sequence.push(sample);
        },
        damaged: (first, last) => this.#damaged.push(`${dir}: ${text.damaged(first, last)}`),
      },
      language,
    );
  }

  /** Without a configuration of devices a name that was mistyped shows only here. */
  #neverSeen(): readonly string[] {
    const { books, language } = this.#input;
    const [book] = books;
    const seen = this.#points.seen().map(({ key }) => key);
    if (book === undefined || book.isWhole || seen.length === 0) return [];
    const names = new Set(seen);
    const text = simulateText[language];
    return [...book.configs].flatMap(([id, config]) =>
      [...watchedPoints(config).keys()]
        .filter((point) => !names.has(point))
        .map((point) => text.neverSeen(id, point, suggest(point, seen))),
    );
  }
}
