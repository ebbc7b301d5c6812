import type { panelServerText } from "../../config/language/panel-server.ts";
import type { Role } from "./duties.ts";

type Sentences = (typeof panelServerText)["en"]["refused"];

interface RefusalForm {
  readonly status: number;
  readonly code: string;
  /** Message and what to do, in the language of whoever asked. */
  readonly say: (text: Sentences) => readonly [string, string];
  readonly retryAfterS?: number;
}

/** A request that is answered with an error which the person can understand. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly form: RefusalForm;
  constructor(form: RefusalForm) {
    super(form.code);
    this.form = form;
  }
}

export const refusals = {
  loginNeeded: () =>
    new Refusal({
      status: 401,
      code: "panel/login-needed",
      say: (text) => [text.loginNeeded, text.loginNeededTodo],
    }),
  wrongLogin: () =>
    new Refusal({
      status: 401,
      code: "panel/wrong-login",
      say: (text) => [text.wrongLogin, text.wrongLoginTodo],
    }),
  tooManyTries: (waitMs: number) => {
    const retryAfterS = Math.ceil(waitMs / 1_000);
    return new Refusal({
      status: 429,
      code: "panel/too-many-tries",
      say: (text) => [text.tooManyTries(retryAfterS), text.tooManyTriesTodo],
      retryAfterS,
    });
  },
  busy: () =>
    new Refusal({
      status: 503,
      code: "panel/busy",
      say: (text) => [text.busy, text.busyTodo],
      retryAfterS: 5,
    }),
  reportBusy: () =>
    new Refusal({
      status: 503,
      code: "panel/report-busy",
      say: (text) => [text.reportBusy, text.reportBusyTodo],
      retryAfterS: 10,
    }),
  setupDone: () =>
    new Refusal({
      status: 409,
      code: "panel/setup-done",
      say: (text) => [text.setupDone, text.setupDoneTodo],
    }),
  setupCodeWrong: () =>
    new Refusal({
      status: 403,
      code: "panel/setup-code-wrong",
      say: (text) => [text.setupCodeWrong, text.setupCodeWrongTodo],
    }),
  setupCodeExpired: () =>
    new Refusal({
      status: 403,
      code: "panel/setup-code-expired",
      say: (text) => [text.setupCodeExpired, text.setupCodeExpiredTodo],
    }),
  foreignHost: (host: string) =>
    new Refusal({
      status: 403,
      code: "panel/foreign-host",
      say: (text) => [text.foreignHost(host), text.foreignHostTodo],
    }),
  foreignOrigin: () =>
    new Refusal({
      status: 403,
      code: "panel/foreign-origin",
      say: (text) => [text.foreignOrigin, text.foreignOriginTodo],
    }),
  notAllowed: (roles: readonly Role[]) =>
    new Refusal({
      status: 403,
      code: "panel/not-allowed",
      say: (text) => [text.notAllowed, text.notAllowedTodo(roles.map((role) => text.roles[role]))],
    }),
  lockedOut: (waitMs: number) => {
    const retryAfterS = Math.ceil(waitMs / 1_000);
    return new Refusal({
      status: 429,
      code: "panel/locked-out",
      say: (text) => [text.lockedOut(Math.ceil(retryAfterS / 60)), text.lockedOutTodo],
      retryAfterS,
    });
  },
  unknownUser: (user: string) =>
    new Refusal({
      status: 404,
      code: "panel/unknown-user",
      say: (text) => [text.unknownUser(user), text.unknownUserTodo],
    }),
  userExists: (user: string) =>
    new Refusal({
      status: 409,
      code: "panel/user-exists",
      say: (text) => [text.userExists(user), text.userExistsTodo],
    }),
  tooManyUsers: (max: number) =>
    new Refusal({
      status: 409,
      code: "panel/too-many-users",
      say: (text) => [text.tooManyUsers(max), text.tooManyUsersTodo],
    }),
  lastAdmin: () =>
    new Refusal({
      status: 409,
      code: "panel/last-admin",
      say: (text) => [text.lastAdmin, text.lastAdminTodo],
    }),
  unknownConfiguration: (serial: number) =>
    new Refusal({
      status: 404,
      code: "panel/unknown-configuration",
      say: (text) => [text.unknownConfiguration(serial), text.unknownConfigurationTodo],
    }),
  configurationOnTrial: () =>
    new Refusal({
      status: 409,
      code: "panel/configuration-on-trial",
      say: (text) => [text.configurationOnTrial, text.configurationOnTrialTodo],
    }),
  configurationChanged: () =>
    new Refusal({
      status: 409,
      code: "panel/configuration-changed",
      say: (text) => [text.configurationChanged, text.configurationChangedTodo],
    }),
  sameConfiguration: (serial: number) =>
    new Refusal({
      status: 409,
      code: "panel/same-configuration",
      say: (text) => [text.sameConfiguration(serial), text.sameConfigurationTodo],
    }),
  bulkCritical: (id: string) =>
    new Refusal({
      status: 409,
      code: "panel/bulk-critical",
      say: (text) => [text.bulkCritical(id), text.bulkCriticalTodo],
    }),
  notFound: () =>
    new Refusal({
      status: 404,
      code: "panel/not-found",
      say: (text) => [text.notFound, text.notFoundTodo],
    }),
  unknownPoint: (key: string) =>
    new Refusal({
      status: 404,
      code: "panel/unknown-point",
      say: (text) => [text.unknownPoint(key), text.unknownPointTodo],
    }),
  unknownOutput: (key: string) =>
    new Refusal({
      status: 404,
      code: "panel/unknown-output",
      say: (text) => [text.unknownOutput(key), text.unknownOutputTodo],
    }),
  unknownReceiver: (id: string) =>
    new Refusal({
      status: 404,
      code: "panel/unknown-receiver",
      say: (text) => [text.unknownReceiver(id), text.unknownReceiverTodo],
    }),
  tooManyScreens: (count: number) =>
    new Refusal({
      status: 503,
      code: "panel/too-many-screens",
      say: (text) => [text.tooManyScreens(count), text.tooManyScreensTodo],
      retryAfterS: 10,
    }),
  tooLarge: (bytes: number) =>
    new Refusal({
      status: 413,
      code: "panel/too-large",
      say: (text) => [text.tooLarge(bytes), text.tooLargeTodo],
    }),
  invalid: (what: string, status = 400) =>
    new Refusal({
      status,
      code: "panel/invalid",
      say: (text) => [text.invalid(what), text.invalidTodo],
    }),
  failed: () =>
    new Refusal({
      status: 500,
      code: "panel/failed",
      say: (text) => [text.failed, text.failedTodo],
    }),
} as const;
