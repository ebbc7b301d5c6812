/** What stands in the body of one type of message. */
export interface MessageKind {
  readonly type: number;
  readonly name: string;
  /** Bytes of fixed fields before the parameters. */
  readonly fieldBytes: number;
  /** `none`: the body ends with the fields; `opaque`: only its maker knows what follows. */
  readonly then: "parameters" | "none" | "opaque";
}

function kind(
  type: number,
  name: string,
  fieldBytes = 0,
  then: MessageKind["then"] = "parameters",
): readonly [number, MessageKind] {
  return [type, { type, name, fieldBytes, then }];
}

/** LLRP 1.0.1, 16.1, and the four that 1.1 added. By type. */
export const messageKinds: ReadonlyMap<number, MessageKind> = new Map([
  kind(1, "GET_READER_CAPABILITIES", 1),
  kind(2, "GET_READER_CONFIG", 7),
  kind(3, "SET_READER_CONFIG", 1),
  kind(4, "CLOSE_CONNECTION_RESPONSE"),
  kind(11, "GET_READER_CAPABILITIES_RESPONSE"),
  kind(12, "GET_READER_CONFIG_RESPONSE"),
  kind(13, "SET_READER_CONFIG_RESPONSE"),
  kind(14, "CLOSE_CONNECTION", 0, "none"),
  kind(20, "ADD_ROSPEC"),
  kind(21, "DELETE_ROSPEC", 4, "none"),
  kind(22, "START_ROSPEC", 4, "none"),
  kind(23, "STOP_ROSPEC", 4, "none"),
  kind(24, "ENABLE_ROSPEC", 4, "none"),
  kind(25, "DISABLE_ROSPEC", 4, "none"),
  kind(26, "GET_ROSPECS", 0, "none"),
  kind(30, "ADD_ROSPEC_RESPONSE"),
  kind(31, "DELETE_ROSPEC_RESPONSE"),
  kind(32, "START_ROSPEC_RESPONSE"),
  kind(33, "STOP_ROSPEC_RESPONSE"),
  kind(34, "ENABLE_ROSPEC_RESPONSE"),
  kind(35, "DISABLE_ROSPEC_RESPONSE"),
  kind(36, "GET_ROSPECS_RESPONSE"),
  kind(40, "ADD_ACCESSSPEC"),
  kind(41, "DELETE_ACCESSSPEC", 4, "none"),
  kind(42, "ENABLE_ACCESSSPEC", 4, "none"),
  kind(43, "DISABLE_ACCESSSPEC", 4, "none"),
  kind(44, "GET_ACCESSSPECS", 0, "none"),
  kind(45, "CLIENT_REQUEST_OP"),
  kind(46, "GET_SUPPORTED_VERSION", 0, "none"),
  kind(47, "SET_PROTOCOL_VERSION", 1, "none"),
  kind(50, "ADD_ACCESSSPEC_RESPONSE"),
  kind(51, "DELETE_ACCESSSPEC_RESPONSE"),
  kind(52, "ENABLE_ACCESSSPEC_RESPONSE"),
  kind(53, "DISABLE_ACCESSSPEC_RESPONSE"),
  kind(54, "GET_ACCESSSPECS_RESPONSE"),
  kind(55, "CLIENT_REQUEST_OP_RESPONSE"),
  kind(56, "GET_SUPPORTED_VERSION_RESPONSE", 2),
  kind(57, "SET_PROTOCOL_VERSION_RESPONSE"),
  kind(60, "GET_REPORT", 0, "none"),
  kind(61, "RO_ACCESS_REPORT"),
  kind(62, "KEEPALIVE", 0, "none"),
  kind(63, "READER_EVENT_NOTIFICATION"),
  kind(64, "ENABLE_EVENTS_AND_REPORTS", 0, "none"),
  kind(72, "KEEPALIVE_ACK", 0, "none"),
  kind(100, "ERROR_MESSAGE"),
  kind(1023, "CUSTOM_MESSAGE", 5, "opaque"),
]);

const byName = new Map([...messageKinds.values()].map((known) => [known.name, known.type]));

/** The number of a message type of this file. */
export function typeOf(name: string): number {
  const type = byName.get(name);
  if (type === undefined) throw new Error(`no LLRP message is called ${name}`);
  return type;
}
