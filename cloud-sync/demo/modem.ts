import { listen, type Simulator } from "../../drivers/simulation/listen.ts";

const submit = "\u001A";
const leave = "\u001B";

/** Longer than any command and any text of one message; what is longer is dropped. */
const lineCharsMax = 2_048;

const told: Readonly<Record<string, string>> = {
  "AT+CPIN?": "+CPIN: READY",
  "AT+CREG?": "+CREG: 0,1",
  "AT+CSQ": "+CSQ: 24,99",
};

type Sent = (number: string, text: string) => void;

/** A GSM modem with a SIM and a good signal, on a wire: what it is given to send is told. */
export function startModem(sent: Sent): Promise<Simulator> {
  return listen("tcp://127.0.0.1:0", {
    attach: (wire) => {
      const modem = new Modem(sent);
      const take = (bytes: Buffer) => {
        for (const char of bytes.toString("latin1")) {
          const answer = modem.take(char);
          if (answer !== "") wire.write(answer);
        }
      };
      wire.on("data", take);
      return { [Symbol.dispose]: () => wire.off("data", take) };
    },
  });
}

/** One connection to it. Knows the text mode with UCS-2 only. */
class Modem {
  readonly #sent: Sent;
  #line = "";
  /** Whose text is being entered. */
  #number: string | undefined;

  constructor(sent: Sent) {
    this.#sent = sent;
  }

  /** @returns what it says to that character. */
  take(char: string): string {
    const isEnd =
      char === submit || char === leave || (char === "\r" && this.#number === undefined);
    if (!isEnd) {
      if (char !== "\n" && this.#line.length < lineCharsMax) this.#line += char;
      return "";
    }
    const line = this.#line;
    this.#line = "";
    if (char === "\r") return this.#obey(line);
    const number = this.#number;
    this.#number = undefined;
    if (char === leave || number === undefined) return "";
    this.#sent(number, ofHex(line));
    return "\r\n+CMGS: 1\r\n\r\nOK\r\n";
  }

  #obey(command: string): string {
    const [, number] = /^AT\+CMGS="([0-9A-F]+)"$/.exec(command) ?? [];
    if (number !== undefined) {
      this.#number = ofHex(number);
      return "\r\n> ";
    }
    const answer = told[command];
    return `${answer === undefined ? "" : `\r\n${answer}\r\n`}\r\nOK\r\n`;
  }
}

/** UCS-2 as hex digits, as after `AT+CSCS="UCS2"`. */
function ofHex(hex: string): string {
  const whole = hex.slice(0, hex.length - (hex.length % 4));
  return Buffer.from(whole, "hex").swap16().toString("utf16le");
}
