import { describe, expect, test } from "vitest";
import { type Answer, AnswerCollector, type Step } from "./answer.ts";
import {
  type Dialogue,
  enterPin,
  pinTriesLeft,
  registration,
  send,
  signal,
  simState,
  wake,
} from "./dialogue.ts";
import type { Piece } from "./reader.ts";
import { codeOf, verdictOf } from "./verdict.ts";

/** What the modem says to one step: lines and `> `, or nothing at all. */
type Script = (said: string, step: Step) => readonly string[];

function pieceOf(text: string): Piece {
  return text === ">" ? { is: "prompt" } : { is: "line", text };
}

function answerTo(step: Step, lines: readonly string[]): Answer {
  const collector = new AnswerCollector(step);
  for (const text of lines) {
    const answer = collector.take(pieceOf(text));
    if (answer !== undefined) return answer;
  }
  return collector.timeout();
}

function converse<Result>(dialogue: Dialogue<Result>, script: Script) {
  const said: string[] = [];
  let turn = dialogue.next();
  while (turn.done !== true) {
    const step = turn.value;
    const text = step.write.trim();
    if (text !== "") said.push(text);
    turn = dialogue.next(answerTo(step, script(text, step)));
  }
  return { result: turn.value, said };
}

/** Answers by command; what is not named is `OK`. */
const modem =
  (answers: Readonly<Record<string, readonly string[]>>): Script =>
  (said) =>
    answers[said] ?? ["OK"];

const warm = { number: "+8613800138000", text: "冷库1超温8.6℃" };
const numberHex = "002B0038003600310033003800300030003100330038003000300030";
const textHex = "51B75E9300318D856E290038002E00362103";
const command = `AT+CMGS="${numberHex}"`;
const body = `${textHex}\u001A`;
const esc = "\u001B";

describe("sending", () => {
  test("goes through text mode with UCS-2, number and text as hex", () => {
    const script = modem({ [command]: [">"], [body]: ["+CMGS: 12", "OK"] });
    expect(converse(send(warm), script)).toEqual({
      result: { is: "sent" },
      said: ["AT+CMGF=1", 'AT+CSCS="UCS2"', "AT+CSMP=17,167,0,8", command, body],
    });
  });

  test("unsolicited lines and echoes anywhere change nothing", () => {
    const noise = ["RING", '+CMTI: "SM",3', "^MODE: 17", "+QIND: SMS DONE", "NO CARRIER"];
    const script: Script = (said) => {
      if (said === command) return [...noise, command, ...noise, ">"];
      if (said === body) return [textHex, ...noise, "+CMGS: 12", ...noise, "OK"];
      return [...noise, said, ...noise, "OK"];
    };
    expect(converse(send(warm), script).result).toEqual({ is: "sent" });
  });

  test("a modem without text mode, without UCS-2 or without its settings gets a PDU", () => {
    for (const lacks of ["AT+CMGF=1", 'AT+CSCS="UCS2"', "AT+CSMP=17,167,0,8"]) {
      const script: Script = (said) => {
        if (said === lacks) return ["+CMS ERROR: 303"];
        if (said.startsWith("AT+CMGS=")) return [">"];
        return said.endsWith("\u001A") ? ["+CMGS: 1", "OK"] : ["OK"];
      };
      const { result, said } = converse(send(warm), script);
      expect(result).toEqual({ is: "sent" });
      expect(said.slice(-3, -1)).toEqual(["AT+CMGF=0", "AT+CMGS=33"]);
    }
  });

  test.for(["ERROR", "+CMS ERROR: 305", "+CME ERROR: 50"])(
    "a modem that refuses the number in UCS-2 with %s gets a PDU",
    (refusal) => {
      const script: Script = (said) => {
        if (said === command) return [refusal];
        if (said.startsWith("AT+CMGS=")) return [">"];
        return said.endsWith("\u001A") ? ["+CMGS: 1", "OK"] : ["OK"];
      };
      const { result, said } = converse(send(warm), script);
      expect(result).toEqual({ is: "sent" });
      expect(said.slice(-4, -1)).toEqual([command, "AT+CMGF=0", "AT+CMGS=33"]);
    },
  );

  test("the centre of the configuration is told to the modem", () => {
    const center = "+8613800100500";
    const script = modem({ [command]: [">"], [body]: ["+CMGS: 12", "OK"] });
    const { said } = converse(send({ ...warm, center }), script);
    expect(said[3]).toBe('AT+CSCA="002B0038003600310033003800300030003100300030003500300030",145');
  });

  test("a refusal has its number, with or without a prompt before", () => {
    const early = modem({ [command]: ["+CMS ERROR: 310"] });
    const late = modem({ [command]: [">"], [body]: ["+CMS ERROR: 38"] });
    expect(converse(send(warm), early).result).toEqual({
      is: "refused",
      error: { kind: "cms", number: 310 },
    });
    expect(converse(send(warm), late).result).toEqual({
      is: "refused",
      error: { kind: "cms", number: 38 },
    });
  });

  test("OK without +CMGS is no success: it may be the answer to something before", () => {
    const script = modem({ [command]: [">"], [body]: ["OK"] });
    expect(converse(send(warm), script).result).toEqual({ is: "no-answer", handedOver: true });
  });

  test("without a prompt the text is never said, and the modem is brought back", () => {
    const script = modem({ [command]: [] });
    const { result, said } = converse(send(warm), script);
    expect(result).toEqual({ is: "no-answer", handedOver: false });
    expect(said.at(-1)).toBe(esc);
    expect(said).not.toContain(body);
  });

  test("an answer that comes after its time still counts", () => {
    const script = modem({ [command]: [">"], [body]: [], [esc]: ["+CMGS: 3", "OK"] });
    expect(converse(send(warm), script).result).toEqual({ is: "sent" });
    const silent = modem({ [command]: [">"], [body]: [], [esc]: [] });
    expect(converse(send(warm), silent).result).toEqual({ is: "no-answer", handedOver: true });
  });

  test("a modem that says nothing at all is no modem that has no text mode", () => {
    expect(converse(send(warm), () => []).result).toEqual({
      is: "no-answer",
      handedOver: false,
    });
  });
});

describe("waking", () => {
  test("goes on until the modem has powered up", () => {
    let silent = 20;
    const script: Script = (said) => (said === "AT" && silent-- > 0 ? [] : ["OK"]);
    const { result, said } = converse(wake(), script);
    expect(result).toBe(true);
    expect(said.filter((it) => it === "AT")).toHaveLength(21);
    expect(said.slice(-2)).toEqual(["ATE0", "AT+CMEE=1"]);
  });

  test("has an end, and leaves a text that was begun before", () => {
    const { result, said } = converse(wake(3), () => []);
    expect({ result, said }).toEqual({ result: false, said: [esc, "AT", "AT", "AT"] });
  });
});

describe("the SIM", () => {
  test.for<[readonly string[], string]>([
    [["+CPIN: READY", "OK"], "ready"],
    [["+CPIN: SIM PIN", "OK"], "pin"],
    [["+CPIN: SIM PUK", "OK"], "puk"],
    [["+CPIN: PH-NET PIN", "OK"], "failed"],
    [["+CME ERROR: 10"], "missing"],
    [["+CME ERROR: 13"], "failed"],
    [["+CME ERROR: 14"], "busy"],
    [["+CMS ERROR: 316"], "puk"],
    [["ERROR"], "ready"],
    [["OK"], "ready"],
    [[], "no-answer"],
  ])("%j is %s", ([lines, expected]) => {
    expect(converse(simState(), () => lines).result).toBe(expected);
  });

  test("says whether it took the PIN, and how many tries are left", () => {
    expect(converse(enterPin("0000"), () => ["+CME ERROR: 16"]).result).toBe("refused");
    expect(converse(enterPin("1234"), () => ["OK"])).toEqual({
      result: "accepted",
      said: ['AT+CPIN="1234"'],
    });
    const lines = ["+CPINR: SIM PUK,10,10", "+CPINR: SIM PIN,2,3", "OK"];
    expect(converse(pinTriesLeft(), () => lines).result).toBe(2);
    expect(converse(pinTriesLeft(), () => ["ERROR"]).result).toBeUndefined();
  });
});

describe("registration and signal", () => {
  test.for<[string, string, string]>([
    ["+CREG: 0,1", "", "home"],
    ["+CREG: 0,5", "", "roaming"],
    ["+CREG: 0,2", "", "searching"],
    ["+CREG: 0,3", "+CEREG: 0,2", "denied"],
    ["+CREG: 0,2", "+CEREG: 0,1", "home"],
    ['+CREG: 2,1,"1A2B","01C3D4",7', "", "home"],
    ['+CREG: 1,"1A2B","01C3D4"', "", "home"],
    ["+CREG: 2", "", "searching"],
    ["+CREG: 0,6", "", "home"],
    ["+CREG: 0,8", "", "unknown"],
    ["", "", "unknown"],
  ])("%j %j is %s", ([circuit, lte, expected]) => {
    const lines = (line: string) => (line === "" ? ["ERROR"] : [line, "OK"]);
    const script = modem({ "AT+CREG?": lines(circuit), "AT+CEREG?": lines(lte) });
    expect(converse(registration(), script).result).toBe(expected);
  });

  test("signal is in dBm, and 99 is none", () => {
    expect(converse(signal(), () => ["+CSQ: 18,99", "OK"]).result).toBe(-77);
    expect(converse(signal(), () => ["+CSQ: 31,0", "OK"]).result).toBe(-51);
    expect(converse(signal(), () => ["+CSQ: 99,99", "OK"]).result).toBeUndefined();
    expect(converse(signal(), () => ["ERROR"]).result).toBeUndefined();
  });
});

describe("what a refusal means", () => {
  test.for<["cms" | "cme" | "plain", number | undefined, string, boolean, boolean]>([
    ["cms", 1, "badNumber", true, false],
    ["cms", 27, "phoneOff", false, false],
    ["cms", 21, "rejected", false, false],
    ["cms", 42, "congested", false, false],
    ["cms", 50, "notSubscribed", false, false],
    ["cms", 38, "noNetwork", false, true],
    ["cms", 310, "noSim", false, true],
    ["cms", 330, "noCenter", false, false],
    ["cms", 332, "noNetwork", false, true],
    ["cms", 500, "unknown", false, false],
    ["cme", 1, "unknown", false, false],
    ["cme", 10, "noSim", false, true],
    ["plain", undefined, "unknown", false, false],
  ])("%s %j: %s", ([kind, number, refusal, isFinal, isModem]) => {
    const error = number === undefined ? { kind } : { kind, number };
    expect(verdictOf(error)).toEqual({ refusal, isFinal, isModem });
  });

  test("its code is what manuals list", () => {
    expect(codeOf({ kind: "cms", number: 38 })).toBe("+CMS ERROR 38");
    expect(codeOf({ kind: "plain" })).toBe("ERROR");
  });
});
