import { find, type Parameter, readParameters, u16 } from "./parameter.ts";

/** What a reader says about a command, from LLRPStatus (LLRP 1.0.1, 14.2.1). */
export interface Status {
  readonly code: number;
  readonly name: string;
  /** The reader's own words; empty for most. */
  readonly description: string;
  /** Which field or parameter was wrong, and how. */
  readonly details: readonly string[];
}

const names: Readonly<Record<number, string>> = {
  0: "Success",
  100: "M_ParameterError",
  101: "M_FieldError",
  102: "M_UnexpectedParameter",
  103: "M_MissingParameter",
  104: "M_DuplicateParameter",
  105: "M_OverflowParameter",
  106: "M_OverflowField",
  107: "M_UnknownParameter",
  108: "M_UnknownField",
  109: "M_UnsupportedMessage",
  110: "M_UnsupportedVersion",
  111: "M_UnsupportedParameter",
  112: "M_UnexpectedMessage",
  200: "P_ParameterError",
  201: "P_FieldError",
  202: "P_UnexpectedParameter",
  203: "P_MissingParameter",
  204: "P_DuplicateParameter",
  205: "P_OverflowParameter",
  206: "P_OverflowField",
  207: "P_UnknownParameter",
  208: "P_UnknownField",
  209: "P_UnsupportedParameter",
  300: "A_Invalid",
  301: "A_OutOfRange",
  401: "R_DeviceError",
};

const statusType = 287;
const fieldErrorType = 288;
const parameterErrorType = 289;

/** Undefined: there is none, or it is cut off. */
export function statusOf(parameters: readonly Parameter[]): Status | undefined {
  const bytes = find(parameters, statusType)?.bytes;
  if (bytes === undefined || bytes.length < 4) return undefined;
  const code = u16(bytes);
  const textEnd = 4 + u16(bytes, 2);
  if (textEnd > bytes.length) return undefined;
  return {
    code,
    name: names[code] ?? `status ${code}`,
    description: Buffer.from(bytes.subarray(4, textEnd)).toString("utf8"),
    details: detailsOf(bytes.subarray(textEnd)),
  };
}

/** Errors stand inside one another; each level names one parameter. */
function detailsOf(bytes: Uint8Array): readonly string[] {
  const parameters = readParameters(bytes);
  if ("fault" in parameters) return [];
  return parameters.flatMap(({ type, bytes: content }) => {
    const [what, code] = [u16(content), u16(content, 2)];
    const error = names[code] ?? `status ${code}`;
    if (type === fieldErrorType) return [`field ${what}: ${error}`];
    if (type !== parameterErrorType) return [];
    return [`parameter ${what}: ${error}`, ...detailsOf(content.subarray(4))];
  });
}

/** For people: `M_ParameterError: no such antenna (parameter 222: A_Invalid)`. */
export function statusText({ name, description, details }: Status): string {
  const text = description === "" ? name : `${name}: ${description}`;
  return details.length === 0 ? text : `${text} (${details.join(", ")})`;
}
