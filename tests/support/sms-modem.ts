import type { Duplex } from "node:stream";
import type { SimulatedDevice } from "../../drivers/simulation/listen.ts";

/** How the modem behaves; may be changed at any time. */
export interface ModemManners {
  /** Until `ATE0`. */
  echo: boolean;
  /** Lines that nobody asked for, said before and after every line of an answer and before each prompt. */
  unsolicited: readonly string[];
  /** Each byte in a write of its own. */
  bytewise: boolean;
  sim: "ready" | "pin" | "puk" | "missing";
  pin: string;
  /** The answer of `AT+CREG?` after its prefix. */
  registration: string;
  /** False: `AT+CMGF=1` is refused. */
  textMode: boolean;
  /** What it does not answer; `text`: it takes the text and says nothing more. */
  hangs: "no" | "all" | "command" | "text";
  /** Said in place of `+CMGS`, one for each text, then all is well again. */
  refusals: string[];
  /** The modem keeps silent for so long after power and after a reset. */
  bootMs: number;
}

export interface SentText {
  readonly number: string;
  readonly text: string;
}

/** A GSM modem as 3GPP TS 27.005 and 27.007 describe it, with the bad manners of real ones. */
export class ScriptedModem implements SimulatedDevice {
  readonly manners: ModemManners;
  readonly sent: SentText[] = [];
  readonly commands: string[] = [];
  pinTries = 3;
  resets = 0;
  #wire: Duplex | undefined;
  #isSilent = false;
  #echo = true;
  #isText = false;
  #charset = "IRA";
  #command = "";
  /** Undefined: no text is being entered. */
  #entering: { readonly command: string; text: string } | undefined;
  #out: Promise<void> = Promise.resolve();

  constructor(manners: Partial<ModemManners> = {}) {
    this.manners = {
      echo: true,
      unsolicited: [],
      bytewise: false,
      sim: "ready",
      pin: "1234",
      registration: "0,1",
      textMode: true,
      hangs: "no",
      refusals: [],
      bootMs: 0,
      ...manners,
    };
    this.#boot();
  }

  attach(wire: Duplex): Disposable {
    this.#wire = wire;
    const take = (bytes: Buffer) => {
      for (const byte of bytes) this.#take(byte);
    };
    wire.on("data", take);
    return { [Symbol.dispose]: () => wire.off("data", take) };
  }

  /** Bytes that nobody asked for. */
  babble(bytes: Uint8Array): void {
    this.#wire?.write(bytes);
  }

  #boot(): void {
    this.#echo = this.manners.echo;
    this.#isText = false;
    this.#charset = "IRA";
    this.#entering = undefined;
    this.#command = "";
    if (this.manners.bootMs === 0) return;
    this.#isSilent = true;
    setTimeout(() => {
      this.#isSilent = false;
      this.#say(["RDY", "+CFUN: 1"]);
    }, this.manners.bootMs);
  }

  #take(byte: number): void {
    const { hangs } = this.manners;
    if (this.#isSilent) return;
    if (this.#entering !== undefined) {
      if (byte === 0x1a) this.#submit(this.#entering);
      else if (byte === 0x1b) this.#entering = undefined;
      else this.#entering.text += String.fromCharCode(byte);
      return;
    }
    if (byte === 0x1b || byte === 10) return;
    if (byte !== 13) {
      this.#command += String.fromCharCode(byte);
      return;
    }
    const command = this.#command;
    this.#command = "";
    this.commands.push(command);
    const isReset = command === "AT+CFUN=1,1";
    if (hangs === "all" || (hangs === "command" && !isReset)) return;
    if (this.#echo) this.#write(`${command}\r`);
    this.#obey(command);
  }

  #obey(command: string): void {
    const { manners } = this;
    if (command === "AT+CFUN=1,1") {
      this.resets += 1;
      manners.hangs = "no";
      this.#say(["OK"]);
      this.#boot();
    } else if (command.startsWith("AT+CMGS=")) {
      for (const line of manners.unsolicited) this.#write(`\r\n${line}\r\n`);
      this.#write("\r\n> ");
      this.#entering = { command, text: "" };
    } else this.#say(this.#answer(command));
  }

  #answer(command: string): readonly string[] {
    const { manners } = this;
    if (command === "AT" || command.startsWith("AT+CMEE")) return ["OK"];
    if (command === "ATE0") {
      this.#echo = false;
      return ["OK"];
    }
    if (command.startsWith("AT+CPIN=")) return this.#unlock(command);
    if (command === "AT+CPINR") return [`+CPINR: SIM PIN,${this.pinTries},3`, "OK"];
    if (command === "AT+CPIN?") {
      if (manners.sim === "missing") return ["+CME ERROR: 10"];
      const said = { ready: "READY", pin: "SIM PIN", puk: "SIM PUK" }[manners.sim];
      return [`+CPIN: ${said}`, "OK"];
    }
    if (command === "AT+CREG?") return [`+CREG: ${manners.registration}`, "OK"];
    if (command === "AT+CSQ") return ["+CSQ: 18,99", "OK"];
    if (command === "AT+CMGF=1" && !manners.textMode) return ["+CMS ERROR: 303"];
    if (command.startsWith("AT+CMGF=")) {
      this.#isText = command.endsWith("1");
      return ["OK"];
    }
    if (command.startsWith("AT+CSCS=")) {
      this.#charset = command.slice(9, -1);
      return ["OK"];
    }
    return command.startsWith("AT+CSMP=") ? ["OK"] : ["ERROR"];
  }

  #unlock(command: string): readonly string[] {
    if (command === `AT+CPIN="${this.manners.pin}"`) {
      this.manners.sim = "ready";
      this.pinTries = 3;
      return ["OK"];
    }
    this.pinTries -= 1;
    if (this.pinTries === 0) this.manners.sim = "puk";
    return ["+CME ERROR: 16"];
  }

  #submit({ command, text }: { readonly command: string; readonly text: string }): void {
    this.#entering = undefined;
    if (this.#echo) this.#write(`${text}\r\n`);
    if (this.manners.hangs !== "no") return;
    const refusal = this.manners.refusals.shift();
    if (refusal !== undefined) {
      this.#say([refusal]);
      return;
    }
    this.sent.push(this.#isText ? this.#readText(command, text) : readSubmit(text));
    this.#say([`+CMGS: ${this.sent.length}`, "OK"]);
  }

  #readText(command: string, text: string): SentText {
    const number = /^AT\+CMGS="([^"]*)"$/.exec(command)?.[1] ?? "";
    if (this.#charset !== "UCS2") return { number, text };
    return { number: fromUcs2(number), text: fromUcs2(text) };
  }

  #say(lines: readonly string[]): void {
    const { unsolicited } = this.manners;
    for (const line of [...unsolicited, ...lines.flatMap((it) => [it, ...unsolicited])]) {
      this.#write(`\r\n${line}\r\n`);
    }
  }

  #write(text: string): void {
    const wire = this.#wire;
    const pieces = this.manners.bytewise ? [...text] : [text];
    this.#out = this.#out.then(async () => {
      for (const piece of pieces) {
        wire?.write(Buffer.from(piece, "latin1"));
        if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve));
      }
    });
  }
}

function fromUcs2(hex: string): string {
  return Buffer.from(hex, "hex").swap16().toString("utf16le");
}

/** Reads a SMS-SUBMIT by 3GPP TS 23.040, from the bytes. @throws Error when it is none. */
export function readSubmit(hex: string): SentText & { readonly center: string } {
  const bytes = Buffer.from(hex, "hex");
  const smscBytes = bytes[0] ?? 0;
  const center = digitsOf(bytes.subarray(2, 1 + smscBytes));
  const tpdu = bytes.subarray(1 + smscBytes);
  if (((tpdu[0] ?? 0) & 3) !== 1) throw new Error("no SMS-SUBMIT");
  const digits = tpdu[2] ?? 0;
  if (tpdu[3] !== 0x91) throw new Error("no international number");
  const numberEnd = 4 + Math.ceil(digits / 2);
  const number = digitsOf(tpdu.subarray(4, numberEnd)).slice(0, digits);
  const [protocol, coding, validity, length] = tpdu.subarray(numberEnd, numberEnd + 4);
  const content = tpdu.subarray(numberEnd + 4);
  if (protocol !== 0 || coding !== 8 || validity !== 167) throw new Error("other settings");
  if (length !== content.length) throw new Error("the length is wrong");
  return { center, number: `+${number}`, text: fromUcs2(content.toString("hex")) };
}

function digitsOf(bytes: Uint8Array): string {
  const nibbles = [...bytes].flatMap((byte) => [byte & 15, byte >> 4]);
  return nibbles.filter((nibble) => nibble < 10).join("");
}
